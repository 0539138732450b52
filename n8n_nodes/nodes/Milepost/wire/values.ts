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

/** Read a JSON field, typed as text or given by an expression; undefined if it is no object. */
export function readObject(value: unknown): IDataObject | undefined {
	if (value === undefined || value === null) return {};
	if (typeof value === 'object') return Array.isArray(value) ? undefined : (value as IDataObject);
	try {
		const text = String(value).trim();
		const found: unknown = text === '' ? {} : JSON.parse(text);
		return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as IDataObject) : undefined;
	} catch {
		return undefined;
	}
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
