import type {
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	IHttpRequestMethods,
	ILoadOptionsFunctions,
	IN8nHttpFullResponse,
	JsonObject,
} from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';
import { asProblem, sayProblem } from './answers';

const FIRST_FAILING_STATUS = 400;

/** Call the server, and give its document; what it refuses is raised in its own words. */
export async function callMilepost(
	this: IExecuteFunctions | IHookFunctions | ILoadOptionsFunctions,
	method: IHttpRequestMethods,
	path: string,
	body?: IDataObject,
	more: { qs?: IDataObject; headers?: IDataObject } = {},
): Promise<IDataObject> {
	const { baseUrl } = await this.getCredentials<{ baseUrl: string }>('milepostApi');
	let response: IN8nHttpFullResponse;
	try {
		response = (await this.helpers.httpRequestWithAuthentication.call(this, 'milepostApi', {
			method,
			baseURL: baseUrl.trim().replace(/\/+$/, ''),
			url: path,
			qs: more.qs,
			headers: more.headers,
			body,
			json: true,
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
		})) as IN8nHttpFullResponse;
	} catch (error) {
		throw new NodeApiError(this.getNode(), error as JsonObject);
	}
	if (response.statusCode >= FIRST_FAILING_STATUS) {
		const retryAfter = response.headers['retry-after'] as string | undefined;
		throw sayProblem(this.getNode(), asProblem(response.body), response.statusCode, 0, retryAfter);
	}
	return response.body as IDataObject;
}
