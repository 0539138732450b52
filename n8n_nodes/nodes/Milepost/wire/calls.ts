import type {
	IAllExecuteFunctions,
	IDataObject,
	IHookFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IN8nHttpFullResponse,
	INode,
} from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';
import { sayMoved, sayProblem, sayStranger, sayUnreachable, type Problem } from './problems';

/** Whoever can call the server: a run, an activation, a dropdown. */
export type Caller = IAllExecuteFunctions | IHookFunctions | ILoadOptionsFunctions;

interface Call {
	qs?: IDataObject;
	headers?: IDataObject;
	body?: IDataObject | IDataObject[];
	itemIndex?: number;
}

const FIRST_MOVED = 300;
/** From here on a status says that something was not done. */
export const FIRST_REFUSED = 400;

/** The address without what a person may have typed too much: blanks, /v1, a slash. */
export const BASE_URL = '={{ $credentials.baseUrl.trim().replace(/(\\/v1)?\\/*$/, "") }}';

/** Call the server and give its document. */
export async function callMilepost(
	this: Caller,
	method: IHttpRequestMethods,
	url: string,
	{ qs, headers, body, itemIndex = 0 }: Call = {},
): Promise<IDataObject> {
	const { baseUrl } = await this.getCredentials<{ baseUrl: string }>('milepostApi');
	const baseURL = baseUrl.trim().replace(/(\/v1)?\/*$/, '');
	return await send.call(this, { method, baseURL, url, qs, headers: headers as Record<string, string>, body }, itemIndex);
}

/** Send a request and give the document of the answer; what keeps it from being one is raised in words that say what to do. */
export async function send(this: Caller, request: IHttpRequestOptions, itemIndex: number): Promise<IDataObject> {
	let response: IN8nHttpFullResponse;
	try {
		response = (await this.helpers.httpRequestWithAuthentication.call(this, 'milepostApi', {
			...request,
			json: true,
			// a redirect would turn a write into a read, and show the key to another server
			disableFollowRedirect: true,
			ignoreHttpStatusErrors: true,
			returnFullResponse: true,
		})) as IN8nHttpFullResponse;
	} catch (error) {
		const said = sayUnreachable(this.getNode(), error as Error, request.baseURL ?? '', itemIndex);
		throw new NodeApiError(this.getNode(), said as never);
	}
	return documentOf(this.getNode(), response, itemIndex);
}

function documentOf(node: INode, { statusCode, headers, body }: IN8nHttpFullResponse, itemIndex: number): IDataObject {
	if (statusCode === 204) return {};
	if (statusCode >= FIRST_MOVED && statusCode < FIRST_REFUSED) {
		throw sayMoved(node, statusCode, headers.location, itemIndex);
	}
	const document = objectIn(body);
	const isRefused = statusCode >= FIRST_REFUSED;
	if (document === undefined || (isRefused && !document.detail)) {
		throw sayStranger(node, statusCode, itemIndex, headers['retry-after']);
	}
	if (isRefused) {
		throw sayProblem(node, { ...(document as Problem), status: statusCode }, itemIndex, headers['retry-after']);
	}
	return document;
}

function objectIn(body: unknown): IDataObject | undefined {
	let found = body;
	if (typeof body === 'string') {
		try {
			found = JSON.parse(body);
		} catch {
			return undefined;
		}
	}
	return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as IDataObject) : undefined;
}
