import type { IDataObject, IExecuteSingleFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

/**
 * Read what an expression gave for a field of text: IDs are often numbers, moments often dates. Blank is left out.
 * Anything else goes to the server as it is, which says what it expects.
 */
export function readText(value: unknown): string | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	if (typeof value === 'number') return String(value);
	if (value instanceof Date) return value.toISOString();
	const { toISO } = value as { toISO?: () => string };
	return typeof toISO === 'function' ? toISO.call(value) : (value as string);
}

/** Read an ID that becomes part of a path; undefined if it is blank, is no text, or would lead elsewhere. */
export function readId(value: unknown): string | undefined {
	const id = typeof value === 'number' ? String(value) : value;
	return typeof id === 'string' && !/^(\s*|\.{1,2})$/.test(id) ? id : undefined;
}

/** Read a JSON field, typed as text or given by an expression; blank is an empty object, undefined is no object. */
export function readObject(value: unknown): IDataObject | undefined {
	if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) return {};
	const found = readPayload(value);
	return Array.isArray(found) ? undefined : found;
}

/** Read a JSON field that may be a list as well; undefined if it is neither that nor an object. */
export function readPayload(value: unknown): IDataObject | IDataObject[] | undefined {
	let found = value;
	if (typeof value === 'string') {
		try {
			found = JSON.parse(value);
		} catch {
			return undefined;
		}
	}
	return typeof found === 'object' && found !== null ? (found as IDataObject | IDataObject[]) : undefined;
}

/** Make the step that reads a JSON field of the body. */
export const readingObject = (property: string, displayName: string) =>
	async function (this: IExecuteSingleFunctions, request: IHttpRequestOptions): Promise<IHttpRequestOptions> {
		const body = request.body as IDataObject;
		const found = readObject(body[property]);
		if (found !== undefined) return { ...request, body: { ...body, [property]: found } };
		throw new NodeOperationError(this.getNode(), `${displayName} is not a JSON object`, {
			itemIndex: this.getItemIndex(),
			description: 'Write it like {"region": "north"}, or use an expression that gives an object',
		});
	};
