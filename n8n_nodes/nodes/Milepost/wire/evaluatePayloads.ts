import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { callMilepost } from './calls';
import { answeredItem, eachItem } from './operations';
import { sayStranger, type Problem } from './problems';
import { readId, readPayload, readText } from './values';

interface Row extends IDataObject {
	row: number;
	reason: string;
}

interface Taken extends IDataObject {
	source: string;
	results: Problem[];
	problems: Row[];
}

/** What a row that cannot be read is refused with, as an event like it would be. */
const UNREADABLE = 422;

/** Hand over what a source system sent, one item after the other; each event that the source's mapping finds becomes an item. */
export async function evaluatePayload(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return [await eachItem.call(this, async (item) => itemsOf.call(this, await hand.call(this, item), item))];
}

async function hand(this: IExecuteFunctions, item: number): Promise<Taken> {
	const refuse = (message: string, description: string) =>
		new NodeOperationError(this.getNode(), message, { itemIndex: item, description });
	const source = readId(readText(this.getNodeParameter('source', item, '')));
	if (source === undefined) {
		throw refuse('The source is blank for this item, or is no name', 'Write the name of a source mapping, such as zendesk');
	}
	const payload = readPayload(this.getNodeParameter('payload', item, ''));
	if (payload === undefined) {
		throw refuse(
			'Payload is not a JSON object or list',
			'Use {{ $json }} for the whole item, or {{ $json.body }} after a Webhook node',
		);
	}
	const url = `/v1/sources/${encodeURIComponent(source)}`;
	const taken = (await callMilepost.call(this, 'POST', url, { body: payload, itemIndex: item })) as Taken;
	if (Array.isArray(taken.results) && Array.isArray(taken.problems)) return taken;
	throw sayStranger(this.getNode(), 200, item);
}

/** Give an item for each event, told or refused, and for each row that could not be read; one for a payload that tells of nothing. */
function itemsOf(this: IExecuteFunctions, { source, results, problems }: Taken, item: number): INodeExecutionData[] {
	const unreadable = problems.map(({ row, reason }) => ({
		title: `Row ${row} of the payload cannot be read`,
		detail: reason,
		status: UNREADABLE,
	}));
	const found = [...results, ...unreadable].map((result) => answeredItem.call(this, item, result));
	if (found.length > 0) return found;
	// what a flow asks next is there, so that it needs no second branch
	const nothing = { source, told: 0, unlocked: false, unlocked_count: 0, unlocked_names: '', message: '' };
	return [{ json: nothing, pairedItem: { item } }];
}
