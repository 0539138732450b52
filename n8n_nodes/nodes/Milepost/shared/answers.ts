import type {
	IDataObject,
	IExecuteSingleFunctions,
	IN8nHttpFullResponse,
	INode,
	INodeExecutionData,
	JsonObject,
} from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

/** What the server says when a call cannot be taken (RFC 9457). */
export interface Problem extends IDataObject {
	title?: string;
	detail?: string;
	status?: number;
	errors?: Array<{ pointer: string; message: string }>;
}

const FIRST_FAILING_STATUS = 400;

/** Turn a problem into what n8n shows: the server's own words, and every place that needs a correction. */
export function sayProblem(
	node: INode,
	problem: Problem,
	status: number,
	itemIndex: number,
	retryAfter?: string,
): NodeApiError {
	const places = (problem.errors ?? []).map(({ pointer, message }) => `${pointer}: ${message}`);
	const wait = retryAfter ? [`Try again in ${retryAfter} seconds, or switch on Retry On Fail in the node's settings.`] : [];
	return new NodeApiError(node, problem as JsonObject, {
		message: problem.detail ?? problem.title ?? `The server answered with status ${status}`,
		description: [problem.title, ...places, ...wait].filter(Boolean).join(' · '),
		httpCode: String(status),
		itemIndex,
	});
}

/** Read the answer of one call: its document, or the problem in the server's words. */
export async function readAnswer(
	this: IExecuteSingleFunctions,
	items: INodeExecutionData[],
	response: IN8nHttpFullResponse,
): Promise<INodeExecutionData[]> {
	if (response.statusCode >= FIRST_FAILING_STATUS) {
		const retryAfter = response.headers['retry-after'] as string | undefined;
		throw sayProblem(this.getNode(), asProblem(response.body), response.statusCode, this.getItemIndex(), retryAfter);
	}
	return items;
}

/** Give one item for each thing of a list. */
export async function splitList(
	this: IExecuteSingleFunctions,
	items: INodeExecutionData[],
): Promise<INodeExecutionData[]> {
	return items.flatMap(({ json }) => ((json.items ?? []) as IDataObject[]).map((one) => ({ json: one })));
}

export function asProblem(body: unknown): Problem {
	if (typeof body === 'string') {
		try {
			return JSON.parse(body) as Problem;
		} catch {
			return { detail: 'The answer is not from Milepost. Check the Base URL of the credential.' };
		}
	}
	return (body ?? {}) as Problem;
}
