import type { INodeProperties, INodePropertyRouting } from 'n8n-workflow';

type Show = NonNullable<NonNullable<INodeProperties['displayOptions']>['show']>;

interface Picked {
	name: string;
	displayName: string;
	description?: string;
	show: Show;
	routing?: INodePropertyRouting;
	required?: boolean;
}

/** A field that is picked from the server's list, or given by its name. */
function picked(search: string, byName: string, placeholder: string, field: Picked): INodeProperties {
	return {
		displayName: field.displayName,
		name: field.name,
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: field.required ?? true,
		description: field.description ?? '',
		displayOptions: { show: field.show },
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod: search, searchable: true },
			},
			{ displayName: byName, name: 'id', type: 'string', placeholder },
		],
		routing: field.routing,
	};
}

export const achievementField = (field: Partial<Picked> & { show: Show }): INodeProperties =>
	picked('searchAchievements', 'By Key', 'e.g. clean-close', {
		name: 'achievement',
		displayName: 'Achievement',
		...field,
	});

export const personField = (field: Partial<Picked> & { show: Show }): INodeProperties =>
	picked('searchPeople', 'By ID', 'e.g. ana@example.com', {
		name: 'actor',
		displayName: 'Person',
		...field,
	});

export const recipeField = (field: Partial<Picked> & { show: Show }): INodeProperties =>
	picked('searchRecipes', 'By Name', 'e.g. helpdesk-sla', { name: 'recipe', displayName: 'Recipe', ...field });

export const awardField = (field: Partial<Picked> & { show: Show }): INodeProperties =>
	picked('searchAwards', 'By ID', 'e.g. aw_79bd5f53ec6e69bec77bacf9', {
		name: 'award',
		displayName: 'Award',
		...field,
	});

/** Send a value in the body, unless it is blank; IDs that came as numbers become texts. */
export const inBody = (property: string): INodePropertyRouting => ({
	send: {
		type: 'body',
		property,
		value: '={{ $value === "" ? undefined : typeof $value === "number" ? String($value) : $value }}',
	},
});

/** Ask with a value in the query, unless it is blank. */
export const inQuery = (property: string): INodePropertyRouting => ({
	send: { type: 'query', property, value: '={{ $value || undefined }}' },
});

/** Sent so that a repeated run does the thing once. */
export const idempotencyKey: INodeProperties = {
	displayName: 'Idempotency Key',
	name: 'idempotencyKey',
	type: 'string',
	default: '',
	placeholder: 'e.g. zd-123-solved',
	description: 'A text that stays the same when the run is repeated, such as the ID of the record, so that it counts once',
	routing: { request: { headers: { 'Idempotency-Key': '={{ $value || undefined }}' } } },
};

/** "Return All" and "Limit" of a list. */
export const listFields = (show: Show): INodeProperties[] => [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
		displayOptions: { show },
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 200 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show: { ...show, returnAll: [false] } },
		routing: { send: { type: 'query', property: 'limit' } },
	},
];
