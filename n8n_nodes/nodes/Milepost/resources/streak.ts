import type { INodeProperties } from 'n8n-workflow';
import { achievementField, idempotencyKey, inBody, inQuery, personField } from '../wire/fields';

const show = { resource: ['streak'] };
const path = (last: string) => `/v1/streaks/{achievement}/${last}`;

export const streakFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show },
		options: [
			{
				name: 'Check In',
				value: 'checkIn',
				action: 'Check in to streak',
				description: 'Tell that a person did today what the streak asks for',
				routing: { request: { method: 'POST', url: path('check-ins') } },
			},
			{
				name: 'Freeze',
				value: 'freeze',
				action: 'Freeze streak',
				description: 'Let a day be missed without ending the streak',
				routing: { request: { method: 'POST', url: path('freezes') } },
			},
			{
				name: 'Get',
				value: 'get',
				action: 'Get streaks',
				description: 'See how long a person’s streaks are',
				routing: { request: { method: 'GET', url: '/v1/streaks' } },
			},
		],
		default: 'checkIn',
	},
	achievementField({ show: { ...show, operation: ['checkIn', 'freeze'] } }),
	personField({ show: { ...show, operation: ['checkIn', 'freeze'] }, routing: inBody('actor') }),
	personField({
		show: { ...show, operation: ['get'] },
		routing: inQuery('actor'),
	}),
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		displayOptions: { show: { ...show, operation: ['get'] } },
		options: [
			{
				displayName: 'Achievement Key',
				name: 'achievement',
				type: 'string',
				default: '',
				placeholder: 'e.g. tidy-pipeline',
				routing: inQuery('achievement'),
			},
		],
	},
	{
		displayName: 'Day',
		name: 'day',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 2026-03-02',
		displayOptions: { show: { ...show, operation: ['freeze'] } },
		routing: { send: { type: 'body', property: 'day' } },
	},
	{
		displayName: 'Note',
		name: 'note',
		type: 'string',
		default: '',
		description: 'Why the day is frozen',
		displayOptions: { show: { ...show, operation: ['freeze'] } },
		routing: inBody('note'),
	},
	{
		displayName: 'Additional Fields',
		name: 'additionalFields',
		type: 'collection',
		placeholder: 'Add Field',
		default: {},
		displayOptions: { show: { ...show, operation: ['checkIn'] } },
		options: [
			{
				displayName: 'Event ID',
				name: 'id',
				type: 'string',
				default: '',
				description: 'Stays the same when it is told again, so that it counts once',
				routing: inBody('id'),
			},
			idempotencyKey,
			{
				displayName: 'Occurred At',
				name: 'occurredAt',
				type: 'string',
				default: '',
				placeholder: 'e.g. 2026-03-02T10:00:00+01:00',
				routing: inBody('occurred_at'),
			},
		],
	},
];
