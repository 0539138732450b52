import type {
	DeclarativeRestApiSettings,
	IAllExecuteFunctions,
	IDataObject,
	IExecuteFunctions,
	IExecutePaginationFunctions,
	IHttpRequestOptions,
	INodeExecutionData,
} from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { FIRST_REFUSED, send } from './calls';
import { sayProblem, type Problem } from './problems';
import { readId } from './values';

/** The most that the server gives at once. */
const PAGE = 200;
const WRONG = 422;

/**
 * Do one operation for one item. All of them come through here, so that each names its item and says what to do when it
 * is refused; n8n's own way of calling loses the item of a list, and the server's words.
 */
export async function doOperation(
	this: IExecutePaginationFunctions,
	{ options }: DeclarativeRestApiSettings.ResultOptions,
): Promise<INodeExecutionData[]> {
	const item = this.getItemIndex();
	try {
		const request = { ...options, url: fillPath.call(this, options.url ?? '') } as IHttpRequestOptions;
		const documents = await documentsOf.call(this, request);
		return documents.map((json) => ({ json, pairedItem: { item } }));
	} catch (error) {
		if (this.continueOnFail()) return [refusedItem.call(this, item, error as Error)];
		throw new NodeApiError(this.getNode(), error as never);
	}
}

interface Refusal extends Error {
	description?: string | null;
	httpCode?: string | null;
}

/**
 * Give the item for what was refused, with the words of it, and with its status for flows that answer a caller: what the
 * server said; of what never went there because it was wrong, what the server would have said; of what reached nobody, none.
 */
export function refusedItem(this: IAllExecuteFunctions, item: number, error: Refusal): INodeExecutionData {
	const { message, description, httpCode } = error;
	const status = error instanceof NodeOperationError ? WRONG : Number(httpCode);
	const json: IDataObject = {
		error: message,
		details: description || undefined,
		// below that it is an answer of another program, or that it has moved, and would read as if all were well
		status: status >= FIRST_REFUSED ? status : undefined,
	};
	const found: INodeExecutionData = { json, pairedItem: { item } };
	if (this.getNode().onError === 'continueErrorOutput') {
		// n8n sorts by `error`, and where it sees it afterwards, it puts the bare sentence in place of the rest
		Object.defineProperty(found, 'error', { value: error });
	}
	return found;
}

/** Do something for one item after the other; what is refused ends the run, or becomes an item where the run goes on. */
export async function eachItem(
	this: IExecuteFunctions,
	act: (item: number) => Promise<INodeExecutionData[]>,
): Promise<INodeExecutionData[]> {
	const found: INodeExecutionData[] = [];
	for (let item = 0; item < this.getInputData().length; item++) {
		try {
			found.push(...(await act(item)));
		} catch (error) {
			if (!this.continueOnFail()) throw new NodeApiError(this.getNode(), error as never);
			found.push(refusedItem.call(this, item, error as Error));
		}
	}
	return found;
}

/** Give the item for one event: what it meant, or the server's words where it was refused. */
export function answeredItem(this: IExecuteFunctions, item: number, result: Problem): INodeExecutionData {
	if (result.event_id !== undefined) return { json: result, pairedItem: { item } };
	const problem = sayProblem(this.getNode(), result, item);
	if (!this.continueOnFail()) throw problem;
	return refusedItem.call(this, item, problem);
}

/** Give one document for each thing of a list; of a list that is asked for as a whole, page after page. */
async function documentsOf(this: IExecutePaginationFunctions, request: IHttpRequestOptions): Promise<IDataObject[]> {
	const isWhole = this.getNodeParameter('returnAll', false) as boolean;
	const qs = { ...(request.qs as IDataObject), ...(isWhole ? { limit: PAGE } : {}) };
	const found: IDataObject[] = [];
	let after: unknown;
	do {
		const page = await send.call(this, { ...request, qs: after ? { ...qs, after } : qs }, this.getItemIndex());
		if (!Array.isArray(page.items)) return [page];
		found.push(...(page.items as IDataObject[]));
		after = isWhole ? page.next_after : undefined;
	} while (after);
	return found;
}

/** Put the IDs into `/v1/actors/{actor}`. A blank one would name something else, so it is refused. */
function fillPath(this: IExecutePaginationFunctions, path: string): string {
	return path.replace(/\{(\w+)\}/g, (_, name: string) => {
		const id = readId(this.getNodeParameter(name, '', { extractValue: true }));
		if (id !== undefined) return encodeURIComponent(id);
		throw new NodeOperationError(this.getNode(), `The ${NAMES[name] ?? name} is blank for this item, or is no ID`, {
			itemIndex: this.getItemIndex(),
			description: 'Pick one from the list, or see what the expression gives for this item',
		});
	});
}

const NAMES: Record<string, string> = { actor: 'person', eventId: 'event ID' };
