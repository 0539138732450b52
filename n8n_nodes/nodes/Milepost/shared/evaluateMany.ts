import type { IDataObject, IExecuteFunctions, INodeExecutionData, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { sayProblem, type Problem } from './answers';
import { callMilepost } from './transport';

/** The server takes so many events at once. */
const MOST_EVENTS = 500;

/** Tell all items in as few calls as possible. Items that are refused do not keep the others out. */
export async function evaluateMany(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const told: Array<{ item: number; event: IDataObject }> = [];
	const found: INodeExecutionData[] = [];
	for (let item = 0; item < this.getInputData().length; item++) {
		try {
			told.push({ item, event: readEvent.call(this, item) });
		} catch (error) {
			if (!this.continueOnFail()) throw new NodeOperationError(this.getNode(), error as Error, { itemIndex: item });
			found.push(refusedItem(item, error as Error));
		}
	}
	for (let start = 0; start < told.length; start += MOST_EVENTS) {
		found.push(...(await tellSome.call(this, told.slice(start, start + MOST_EVENTS))));
	}
	return [found.sort((a, b) => indexOf(a) - indexOf(b))];
}

async function tellSome(
	this: IExecuteFunctions,
	told: Array<{ item: number; event: IDataObject }>,
): Promise<INodeExecutionData[]> {
	let results: Array<IDataObject & Problem>;
	try {
		const answer = await callMilepost.call(this, 'POST', '/v1/evaluate/batch', { events: told.map(({ event }) => event) });
		results = answer.results as Array<IDataObject & Problem>;
	} catch (error) {
		if (!this.continueOnFail()) throw new NodeApiError(this.getNode(), error as JsonObject);
		return told.map(({ item }) => refusedItem(item, error as Error));
	}
	return told.map(({ item }, place) => {
		const result = results[place];
		if (result.event_id !== undefined) return { json: result, pairedItem: { item } };
		const problem = sayProblem(this.getNode(), result, Number(result.status ?? 0), item);
		if (!this.continueOnFail()) throw problem;
		return refusedItem(item, problem);
	});
}

function readEvent(this: IExecuteFunctions, item: number): IDataObject {
	const text = (name: string) => (this.getNodeParameter(name, item, '') as string) || undefined;
	const event = {
		type: text('type'),
		actor: text('actor'),
		subject: text('subject'),
		id: text('eventId'),
		occurred_at: text('occurredAt'),
		properties: readProperties.call(this, item),
	};
	if (!event.actor && !event.subject) {
		throw new NodeOperationError(this.getNode(), 'The item names neither an actor nor a subject', {
			itemIndex: item,
			description: 'Fill in Actor (who did it) or Subject (the record it happened to).',
		});
	}
	return event;
}

function readProperties(this: IExecuteFunctions, item: number): IDataObject {
	const given = this.getNodeParameter('properties', item, {}) as string | IDataObject;
	if (typeof given !== 'string') return given;
	try {
		return given.trim() === '' ? {} : (JSON.parse(given) as IDataObject);
	} catch {
		throw new NodeOperationError(this.getNode(), 'Properties is not a JSON object', {
			itemIndex: item,
			description: 'Write it like {"within_sla": true}, or use an expression that gives an object.',
		});
	}
}

function refusedItem(item: number, error: Error): INodeExecutionData {
	return { json: { error: error.message }, pairedItem: { item } };
}

function indexOf(one: INodeExecutionData): number {
	return (one.pairedItem as { item: number }).item;
}
