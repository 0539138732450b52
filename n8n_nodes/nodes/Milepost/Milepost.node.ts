import { NodeConnectionTypes, type INodeType, type INodeTypeDescription } from 'n8n-workflow';
import { searchAchievements, searchAwards, searchPeople, searchRecipes } from './listSearch';
import { achievementFields } from './resources/achievement';
import { awardFields } from './resources/award';
import { eventFields } from './resources/event';
import { personFields } from './resources/person';
import { recipeFields } from './resources/recipe';
import { streakFields } from './resources/streak';
import { BASE_URL } from './wire/calls';
import { evaluate, evaluateMany } from './wire/evaluateEvents';
import { evaluatePayload } from './wire/evaluatePayloads';
import { doOperation } from './wire/operations';

export class Milepost implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Milepost',
		name: 'milepost',
		icon: { light: 'file:../../icons/milepost.svg', dark: 'file:../../icons/milepost.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{$parameter["operation"] + ": " + $parameter["resource"]}}',
		description: 'Tell what happened at work and get back what it meant: progress, streaks and awards',
		defaults: { name: 'Milepost' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'milepostApi', required: true }],
		requestDefaults: { baseURL: BASE_URL },
		requestOperations: { pagination: doOperation },
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Achievement', value: 'achievement' },
					{ name: 'Award', value: 'award' },
					{ name: 'Event', value: 'event' },
					{ name: 'Person', value: 'person' },
					{ name: 'Recipe', value: 'recipe' },
					{ name: 'Streak', value: 'streak' },
				],
				default: 'event',
				// so that every call goes through doOperation
				routing: { send: { paginate: true } },
			},
			...achievementFields,
			...awardFields,
			...eventFields,
			...personFields,
			...recipeFields,
			...streakFields,
		],
	};

	methods = { listSearch: { searchAchievements, searchAwards, searchPeople, searchRecipes } };

	// the order of events matters, many of them go in one call, and one payload tells of many; all else is one call for each item
	customOperations = { event: { evaluate, evaluateMany, evaluatePayload } };
}
