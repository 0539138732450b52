import type { INodeProperties } from 'n8n-workflow';
import { inBody, personField } from '../wire/fields';
import { readingObject } from '../wire/values';

const show = { resource: ['person'] };
const path = (last = '') => `/v1/actors/{actor}${last}`;

export const personFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show },
		options: [
			{
				name: 'Add Leave',
				value: 'addLeave',
				action: 'Add leave to person',
				description: 'Note days on which nobody expects work; no streak breaks on them',
				routing: { request: { method: 'POST', url: path('/leave') } },
			},
			{
				name: 'Create or Update',
				value: 'upsert',
				action: 'Create or update person',
				description: 'Create a new record, or update the current one if it already exists (upsert)',
				routing: { request: { method: 'PUT', url: path() } },
			},
			{
				name: 'Get Progress',
				value: 'getProgress',
				action: 'Get progress of person',
				description: 'See how far a person is with every achievement',
				routing: { request: { method: 'GET', url: path('/progress') } },
			},
		],
		default: 'getProgress',
	},
	personField({ show }),
	{
		displayName: 'First Day',
		name: 'firstOn',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 2026-03-02',
		displayOptions: { show: { ...show, operation: ['addLeave'] } },
		routing: { send: { type: 'body', property: 'first_on' } },
	},
	{
		displayName: 'Last Day',
		name: 'lastOn',
		type: 'string',
		default: '',
		placeholder: 'e.g. 2026-03-06',
		description: 'Included; without it, the one day',
		displayOptions: { show: { ...show, operation: ['addLeave'] } },
		routing: inBody('last_on'),
	},
	{
		displayName: 'Fields to Set',
		name: 'fields',
		type: 'collection',
		placeholder: 'Add Field',
		default: {},
		displayOptions: { show: { ...show, operation: ['upsert'] } },
		options: [
			{
				displayName: 'Aliases',
				name: 'aliases',
				type: 'json',
				default: '{}',
				description: 'Their name in each source system, such as {"zendesk": "123"}',
				routing: { send: { type: 'body', property: 'aliases', preSend: [readingObject('aliases', 'Aliases')] } },
			},
			{
				displayName: 'Calendar',
				name: 'calendar',
				type: 'string',
				default: '',
				description: 'Key of a working calendar',
				routing: inBody('calendar'),
			},
			{
				displayName: 'Manager',
				name: 'manager',
				type: 'string',
				default: '',
				placeholder: 'e.g. lead@example.com',
				routing: inBody('manager'),
			},
			{ displayName: 'Name', name: 'name', type: 'string', default: '', routing: inBody('name') },
			{ displayName: 'Role', name: 'role', type: 'string', default: '', routing: inBody('role') },
			{
				displayName: 'Segments',
				name: 'segments',
				type: 'json',
				default: '{}',
				description: 'What rules tell people apart by, such as {"quota_band": "enterprise"}',
				routing: { send: { type: 'body', property: 'segments', preSend: [readingObject('segments', 'Segments')] } },
			},
			{ displayName: 'Team', name: 'team', type: 'string', default: '', routing: inBody('team') },
			{
				displayName: 'Time Zone',
				name: 'zone',
				type: 'string',
				default: '',
				placeholder: 'e.g. Europe/Madrid',
				routing: inBody('zone'),
			},
		],
	},
];
