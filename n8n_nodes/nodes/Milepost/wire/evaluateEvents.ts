import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { callMilepost } from './calls';
import { answeredItem, eachItem, refusedItem } from './operations';
import { sayStranger, type Problem } from './problems';
import { readObject, readText } from './values';

interface Told {
	item: number;
	event: IDataObject;
}

/** The server takes so many events at once, and so much text; room is left for what is around the events. */
const MOST_EVENTS = 500;
const MOST_CHARACTERS = 1_000_000;

/** Tell the items one after the other: of two states of one record the one told later counts, so their order must stay. */
export async function evaluate(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const tell = async (item: number) => {
		const more = this.getNodeParameter('additionalFields', item, {}) as IDataObject;
		const key = readText(more.idempotencyKey);
		const json = await callMilepost.call(this, 'POST', '/v1/evaluate', {
			body: { ...readEvent.call(this, item), dry_run: more.dryRun === true ? true : undefined },
			headers: key ? { 'Idempotency-Key': key } : {},
			itemIndex: item,
		});
		return [{ json, pairedItem: { item } }];
	};
	return [await eachItem.call(this, tell)];
}

/** Tell all items in as few calls as possible. Items that are refused do not keep the others out. */
export async function evaluateMany(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const told: Told[] = [];
	const found = await eachItem.call(this, async (item) => {
		told.push({ item, event: readEvent.call(this, item) });
		return [];
	});
	for (const some of inBatches(told)) found.push(...(await tellSome.call(this, some)));
	return [found.sort((a, b) => itemOf(a) - itemOf(b))];
}

async function tellSome(this: IExecuteFunctions, told: Told[]): Promise<INodeExecutionData[]> {
	let results: Problem[];
	try {
		const answer = await callMilepost.call(this, 'POST', '/v1/evaluate/batch', {
			body: { events: told.map(({ event }) => event) },
			itemIndex: told[0].item,
		});
		results = answer.results as Problem[];
		if (results?.length !== told.length) throw sayStranger(this.getNode(), 200, told[0].item);
	} catch (error) {
		if (!this.continueOnFail()) throw new NodeApiError(this.getNode(), error as never);
		return told.map(({ item }) => refusedItem.call(this, item, error as Error));
	}
	return told.map(({ item }, place) => answeredItem.call(this, item, results[place]));
}

function* inBatches(told: Told[]): Generator<Told[]> {
	let some: Told[] = [];
	let characters = 0;
	for (const one of told) {
		const size = JSON.stringify(one.event).length;
		if (some.length === MOST_EVENTS || (some.length > 0 && characters + size > MOST_CHARACTERS)) {
			yield some;
			some = [];
			characters = 0;
		}
		some.push(one);
		characters += size;
	}
	if (some.length > 0) yield some;
}

function readEvent(this: IExecuteFunctions, item: number): IDataObject {
	const text = (name: string) => readText(this.getNodeParameter(name, item, ''));
	const more = this.getNodeParameter('additionalFields', item, {}) as IDataObject;
	const properties = readObject(this.getNodeParameter('properties', item, {}));
	if (properties === undefined) {
		throw new NodeOperationError(this.getNode(), 'Properties is not a JSON object', {
			itemIndex: item,
			description: 'Write it like {"within_sla": true}, or use an expression that gives an object',
		});
	}
	return {
		type: text('type'),
		actor: text('actor'),
		subject: text('subject'),
		id: text('eventId'),
		occurred_at: text('occurredAt'),
		revised_at: readText(more.revisedAt),
		properties,
	};
}

function itemOf(one: INodeExecutionData): number {
	return (one.pairedItem as { item: number }).item;
}
