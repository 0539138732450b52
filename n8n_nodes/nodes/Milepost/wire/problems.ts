import type { IDataObject, INode, JsonObject } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

/** What the server says when a call cannot be taken (RFC 9457). */
export interface Problem extends IDataObject {
	title?: string;
	detail?: string;
	status?: number;
	errors?: Array<{ pointer: string; message: string }>;
}

const FIRST_SERVER_TROUBLE = 500;

/** Say what the server refused: its own words, and every place that needs a correction. */
export function sayProblem(node: INode, problem: Problem, itemIndex: number, retryAfter?: unknown): NodeApiError {
	const places = (problem.errors ?? [])
		.filter(({ message }) => message !== problem.detail)
		.map(({ pointer, message }) => `${pointer}: ${message}`);
	return new NodeApiError(node, problem as JsonObject, {
		message: problem.detail ?? problem.title,
		description: [problem.title, ...places, ...adviceToWait(retryAfter)].filter(Boolean).join(' · '),
		httpCode: String(problem.status),
		itemIndex,
	});
}

/** Say that something else than Milepost answered: a proxy before it, or another program at the address. */
export function sayStranger(node: INode, status: number, itemIndex: number, retryAfter?: unknown): NodeApiError {
	const message =
		status >= FIRST_SERVER_TROUBLE || status === 429
			? `Something before Milepost answered with status ${status}. See that Milepost runs, or switch on Retry On Fail.`
			: `The answer (status ${status}) is not from Milepost. Check the Base URL of the credential.`;
	return new NodeApiError(node, {} as JsonObject, {
		message,
		description: ['The Base URL is the address of the server alone, without /v1', ...adviceToWait(retryAfter)].join(' · '),
		httpCode: String(status),
		itemIndex,
	});
}

/** Say that the server has moved; the key is not sent after it. */
export function sayMoved(node: INode, status: number, place: unknown, itemIndex: number): NodeApiError {
	return new NodeApiError(node, {} as JsonObject, {
		message: 'The server says that it has moved. Put its new address into the Base URL of the credential.',
		description: place ? `It names ${String(place)}` : undefined,
		httpCode: String(status),
		itemIndex,
	});
}

/** Say that nobody answered. */
export function sayUnreachable(node: INode, error: Error, baseUrl: string, itemIndex: number): NodeApiError {
	return new NodeApiError(node, {} as JsonObject, {
		message: `Milepost cannot be reached at ${baseUrl || 'a blank address'}. See that it runs, and check the Base URL of the credential.`,
		description: `${error.message} · The Base URL begins with https:// or http://, as n8n itself reaches the server`,
		itemIndex,
	});
}

function adviceToWait(retryAfter: unknown): string[] {
	return retryAfter ? [`Try again in ${String(retryAfter)} seconds, or switch on Retry On Fail in the node's settings`] : [];
}
