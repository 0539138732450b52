import type { INodeProperties } from 'n8n-workflow';
import { achievementField, inQuery } from '../wire/fields';

const show = { resource: ['achievement'] };

export const achievementFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show },
		options: [
			{
				name: 'Backtest',
				value: 'backtest',
				action: 'Backtest achievement',
				description: 'Try an achievement on the recorded events: who would have earned it; nothing is kept',
				routing: { request: { method: 'POST', url: '/v1/achievements/{achievement}/backtest' } },
			},
			{
				name: 'Get Many',
				value: 'getAll',
				action: 'Get many achievements',
				description: 'List what can be earned, each as a sentence',
				routing: { request: { method: 'GET', url: '/v1/achievements' } },
			},
		],
		default: 'getAll',
	},
	achievementField({ show: { ...show, operation: ['backtest'] } }),
	{
		displayName: 'Since',
		name: 'since',
		type: 'string',
		default: '',
		placeholder: 'e.g. 2026-03-01T00:00:00Z',
		description: 'Only events from this moment on; without it, all',
		displayOptions: { show: { ...show, operation: ['backtest'] } },
		routing: inQuery('since'),
	},
];
