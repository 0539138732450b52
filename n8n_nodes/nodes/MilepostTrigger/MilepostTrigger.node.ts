import { randomBytes } from 'crypto';
import {
	NodeConnectionTypes,
	NodeOperationError,
	type IDataObject,
	type IHookFunctions,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';
import { searchAchievements } from '../Milepost/listSearch';
import { callMilepost } from '../Milepost/wire/calls';
import { isSigned } from './signature';

interface Subscription extends IDataObject {
	id: string;
	status: string;
	events: string[];
	achievements: string[];
}

const SECRET_BYTES = 32;
const LONGEST_NAME = 200;

export class MilepostTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Milepost Trigger',
		name: 'milepostTrigger',
		icon: { light: 'file:../../icons/milepost.svg', dark: 'file:../../icons/milepost.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{$parameter["events"].join(", ")}}',
		description: 'Starts the workflow when something is earned, taken back or wants attention',
		defaults: { name: 'Milepost Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'milepostApi', required: true }],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				// left out, n8n answers with the literal text "firstEntryJson"
				responseData: 'noData',
				path: 'webhook',
			},
		],
		properties: [
			{
				displayName: 'Trigger On',
				name: 'events',
				type: 'multiOptions',
				required: true,
				default: ['achievement.awarded'],
				options: [
					{ name: 'Achievement Awarded', value: 'achievement.awarded' },
					{ name: 'Achievement Revoked', value: 'achievement.revoked' },
					{ name: 'Digest Ready', value: 'digest.ready' },
					{ name: 'Review Decided', value: 'review.decided' },
					{ name: 'Review Needed', value: 'review.needed' },
					{ name: 'Streak at Risk', value: 'streak.at_risk' },
					{ name: 'Streak Broken', value: 'streak.broken' },
					{ name: 'Streak Kept After All', value: 'streak.kept' },
					{ name: 'Subscription Disabled', value: 'subscription.disabled' },
				],
			},
			{
				displayName: 'Achievement Name or ID',
				name: 'achievement',
				type: 'resourceLocator',
				default: { mode: 'list', value: '' },
				description: 'Only news of this achievement; left empty, of all',
				modes: [
					{
						displayName: 'From List',
						name: 'list',
						type: 'list',
						typeOptions: { searchListMethod: 'searchAchievements', searchable: true },
					},
					{ displayName: 'By Key', name: 'id', type: 'string', placeholder: 'e.g. clean-close' },
				],
			},
		],
	};

	methods = { listSearch: { searchAchievements } };

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				const state = this.getWorkflowStaticData('node');
				const qs = { url: this.getNodeWebhookUrl('default') };
				const { items } = await callMilepost.call(this, 'GET', '/v1/subscriptions', { qs });
				const found = items as Subscription[];
				const wished = wish.call(this);
				const mine = found.find(({ id }) => id === state.subscriptionId);
				if (mine && state.secret && mine.status === 'active' && isSame(mine, wished)) return true;
				for (const { id } of found) {
					await callMilepost.call(this, 'DELETE', `/v1/subscriptions/${id}`);
				}
				return false;
			},
			async create(this: IHookFunctions): Promise<boolean> {
				const state = this.getWorkflowStaticData('node');
				const secret = randomBytes(SECRET_BYTES).toString('hex');
				const made = await callMilepost.call(this, 'POST', '/v1/subscriptions', {
					body: {
						url: this.getNodeWebhookUrl('default'),
						name: `n8n: ${this.getWorkflow().name ?? 'workflow'}`.slice(0, LONGEST_NAME),
						secret,
						...wish.call(this),
					},
				});
				if (!made.id) {
					throw new NodeOperationError(this.getNode(), 'The server did not return a subscription ID');
				}
				state.subscriptionId = made.id;
				state.secret = secret;
				return true;
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				const state = this.getWorkflowStaticData('node');
				if (state.subscriptionId) {
					try {
						await callMilepost.call(this, 'DELETE', `/v1/subscriptions/${state.subscriptionId as string}`);
					} catch (error) {
						if (error.httpCode !== '404') {
							this.logger.error('Could not remove the subscription', { error });
							return false;
						}
					}
				}
				delete state.subscriptionId;
				delete state.secret;
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const headers = this.getHeaderData();
		const signed = {
			id: headers['webhook-id'],
			timestamp: headers['webhook-timestamp'],
			signature: headers['webhook-signature'],
		};
		const { secret } = this.getWorkflowStaticData('node');
		if (!isSigned(this.getRequestObject().rawBody, signed, secret, Date.now() / 1000)) {
			this.getResponseObject().status(401).json({ message: 'The signature does not match' });
			return { noWebhookResponse: true };
		}
		const body = this.getBodyData();
		const isAskedFor = (this.getNodeParameter('events') as string[]).includes(String(body.type));
		// a test of the address is answered; it starts the workflow only while somebody looks at the editor
		if (!isAskedFor && this.getMode() !== 'manual') return {};
		return { workflowData: [this.helpers.returnJsonArray(body)] };
	}
}

function wish(this: IHookFunctions): { events: string[]; achievements: string[] } {
	const achievement = this.getNodeParameter('achievement', '', { extractValue: true }) as string;
	return { events: this.getNodeParameter('events') as string[], achievements: achievement ? [achievement] : [] };
}

function isSame(one: { events: string[]; achievements: string[] }, other: { events: string[]; achievements: string[] }): boolean {
	const text = (list: string[]) => [...list].sort().join('\n');
	return text(one.events) === text(other.events) && text(one.achievements) === text(other.achievements);
}
