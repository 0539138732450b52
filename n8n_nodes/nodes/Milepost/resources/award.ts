import type { INodeProperties } from 'n8n-workflow';
import { achievementField, awardField, idempotencyKey, inBody, listFields, personField } from '../shared/fields';

const show = { resource: ['award'] };
const path = (last: string) => `/v1/awards/{award}/${last}`;

export const awardFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show },
		options: [
			{
				name: 'Get Many',
				value: 'getAll',
				action: 'Get many awards',
				description: 'List what was earned',
				routing: {
					request: { method: 'GET', url: '/v1/awards' }
				},
			},
			{
				name: 'Give',
				value: 'give',
				action: 'Give award',
				description: 'Give an award by hand; the same idempotency key gives it once',
				routing: { request: { method: 'POST', url: '/v1/awards' } },
			},
			{
				name: 'Note',
				value: 'note',
				action: 'Note on award',
				description: 'Write a note to an award, in place of the one before',
				routing: { request: { method: 'POST', url: path('note') } },
			},
			{
				name: 'Review',
				value: 'review',
				action: 'Review award',
				description: 'Decide about an award that waits for a person',
				routing: { request: { method: 'POST', url: path('review') } },
			},
			{
				name: 'Revoke',
				value: 'revoke',
				action: 'Revoke award',
				description: 'Take an award back for good, with the reason',
				routing: { request: { method: 'POST', url: path('revocation') } },
			},
		],
		default: 'give',
	},
	achievementField({ show: { ...show, operation: ['give'] }, routing: inBody('achievement') }),
	personField({ show: { ...show, operation: ['give'] }, routing: inBody('actor') }),
	awardField({ show: { ...show, operation: ['note', 'review', 'revoke'] } }),
	{
		displayName: 'Decision',
		name: 'decision',
		type: 'options',
		options: [
			{ name: 'Approved', value: 'approved' },
			{ name: 'Rejected', value: 'rejected' },
		],
		default: 'approved',
		displayOptions: { show: { ...show, operation: ['review'] } },
		routing: { send: { type: 'body', property: 'decision' } },
	},
	{
		displayName: 'Reason',
		name: 'reason',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. Given to the wrong person',
		description: 'Why it is taken back; the person concerned can read it',
		displayOptions: { show: { ...show, operation: ['revoke'] } },
		routing: { send: { type: 'body', property: 'reason' } },
	},
	{
		displayName: 'Note',
		name: 'note',
		type: 'string',
		default: '',
		displayOptions: { show: { ...show, operation: ['give', 'note', 'review'] } },
		routing: inBody('note'),
	},
	...listFields({ ...show, operation: ['getAll'] }),
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		displayOptions: { show: { ...show, operation: ['getAll'] } },
		options: [
			{
				displayName: 'Achievement Key',
				name: 'achievement',
				type: 'string',
				default: '',
				placeholder: 'e.g. clean-close',
				routing: inQuery('achievement'),
			},
			{
				displayName: 'Actor',
				name: 'actor',
				type: 'string',
				default: '',
				placeholder: 'e.g. ana@example.com',
				routing: inQuery('actor'),
			},
			{
				displayName: 'Since',
				name: 'since',
				type: 'string',
				default: '',
				placeholder: 'e.g. 2026-03-01T00:00:00Z',
				description: 'Only what was earned from this moment on',
				routing: inQuery('since'),
			},
			{
				displayName: 'Status',
				name: 'status',
				type: 'options',
				options: [
					{ name: 'Granted', value: 'granted' },
					{ name: 'In Review', value: 'in_review' },
					{ name: 'Rejected', value: 'rejected' },
					{ name: 'Revoked', value: 'revoked' },
				],
				default: 'granted',
				routing: { send: { type: 'query', property: 'status' } },
			},
		],
	},
	{
		displayName: 'Additional Fields',
		name: 'additionalFields',
		type: 'collection',
		placeholder: 'Add Field',
		default: {},
		displayOptions: { show: { ...show, operation: ['give'] } },
		options: [
			idempotencyKey,
			{
				displayName: 'Points',
				name: 'points',
				type: 'number',
				default: 0,
				description: 'Other points than the achievement gives',
				routing: { send: { type: 'body', property: 'points' } },
			},
		],
	},
];
