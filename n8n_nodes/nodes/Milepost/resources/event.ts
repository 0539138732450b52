import type { INodeProperties } from 'n8n-workflow';
import { idempotencyKey } from '../wire/fields';

const show = { resource: ['event'] };
// events are told by functions of their own, which keep the order of the items; the rest is one call for each item
const telling = { ...show, operation: ['evaluate', 'evaluateMany'] };
const one = { ...show, operation: ['evaluate'] };

const REVISED_AT: INodeProperties = {
	displayName: 'Revised At',
	name: 'revisedAt',
	type: 'string',
	default: '',
	placeholder: 'e.g. 2026-03-02T10:05:00+01:00',
	description: 'When the record was changed; of two states the later one counts',
};

export const eventFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show },
		options: [
			{
				name: 'Evaluate',
				value: 'evaluate',
				action: 'Evaluate event',
				description: 'Tell what happened and get back whether it counted, how far the person is and what was earned',
			},
			{
				name: 'Evaluate Many',
				value: 'evaluateMany',
				action: 'Evaluate many events',
				description: 'Tell all items as events in a few calls, up to 500 each; every item gets its own answer',
			},
			{
				name: 'Evaluate Payload',
				value: 'evaluatePayload',
				action: 'Evaluate payload of source system',
				description: 'Hand over what a source system sent, as it is; the recipe for it finds the events, and every event gets its own answer',
			},
			{
				name: 'Void',
				value: 'void',
				action: 'Void event',
				description: 'Take an event back; what rested on it is worked out again',
				routing: { request: { method: 'DELETE', url: '/v1/events/{eventId}' } },
			},
		],
		default: 'evaluate',
	},
	{
		displayName: 'Source',
		name: 'source',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. zendesk',
		description: 'The system that sent it, by the name of its source mapping; recipes bring theirs along',
		displayOptions: { show: { ...show, operation: ['evaluatePayload'] } },
	},
	{
		displayName: 'Payload',
		name: 'payload',
		type: 'json',
		required: true,
		default: '={{ $json }}',
		description: 'What the system sent, unchanged, as a JSON object or list; after a Webhook node it is under body',
		displayOptions: { show: { ...show, operation: ['evaluatePayload'] } },
	},
	{
		displayName: 'Event Type',
		name: 'type',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. ticket.solved',
		description: 'What happened: words joined by dots, in the past tense',
		displayOptions: { show: telling },
	},
	{
		displayName: 'Actor',
		name: 'actor',
		type: 'string',
		default: '',
		placeholder: 'e.g. ana@example.com',
		description: 'Who did it, mostly an e-mail address; leave it out for what no colleague did, such as a reopened ticket, and name the subject',
		displayOptions: { show: telling },
	},
	{
		displayName: 'Subject',
		name: 'subject',
		type: 'string',
		default: '',
		placeholder: 'e.g. ticket-123',
		description: 'The record it happened to',
		displayOptions: { show: telling },
	},
	{
		displayName: 'Event ID',
		name: 'eventId',
		type: 'string',
		default: '',
		placeholder: 'e.g. zd-123-solved',
		description: 'Stays the same when the record is told again, so that it counts once',
		displayOptions: { show: telling },
	},
	{
		displayName: 'Event ID',
		name: 'eventId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. zd-123-solved',
		displayOptions: { show: { ...show, operation: ['void'] } },
	},
	{
		displayName: 'Occurred At',
		name: 'occurredAt',
		type: 'string',
		default: '',
		placeholder: 'e.g. 2026-03-02T10:00:00+01:00',
		description: 'When it happened; without it, now',
		displayOptions: { show: telling },
	},
	{
		displayName: 'Properties',
		name: 'properties',
		type: 'json',
		default: '{}',
		description: 'What rules look at, as a JSON object, such as whether it was within SLA',
		displayOptions: { show: telling },
	},
	{
		displayName: 'Additional Fields',
		name: 'additionalFields',
		type: 'collection',
		placeholder: 'Add Field',
		default: {},
		displayOptions: { show: one },
		options: [
			{
				displayName: 'Dry Run',
				name: 'dryRun',
				type: 'boolean',
				default: false,
				description: 'Whether to answer the same and keep nothing',
			},
			idempotencyKey,
			REVISED_AT,
		],
	},
	{
		displayName: 'Additional Fields',
		name: 'additionalFields',
		type: 'collection',
		placeholder: 'Add Field',
		default: {},
		displayOptions: { show: { ...show, operation: ['evaluateMany'] } },
		options: [REVISED_AT],
	},
];
