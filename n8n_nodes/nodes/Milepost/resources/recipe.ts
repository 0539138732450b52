import type { INodeProperties } from 'n8n-workflow';
import { recipeField } from '../wire/fields';

const show = { resource: ['recipe'] };

export const recipeFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show },
		options: [
			{
				name: 'Install',
				value: 'install',
				action: 'Install recipe',
				description: 'Add the achievements and mappings of a recipe; what is there already stays as it is',
				routing: { request: { method: 'POST', url: '/v1/recipes/{recipe}/install' } },
			},
		],
		default: 'install',
	},
	recipeField({ show }),
	{
		displayName: 'State',
		name: 'state',
		type: 'options',
		options: [
			{ name: 'Draft', value: 'draft', description: 'Nothing is judged yet' },
			{ name: 'Live', value: 'live', description: 'Awards are granted, and people are told' },
			{ name: 'Shadow', value: 'shadow', description: 'Judged silently, to see what would happen' },
		],
		default: 'live',
		description: 'In which state the achievements begin',
		displayOptions: { show },
		routing: { send: { type: 'body', property: 'state' } },
	},
];
