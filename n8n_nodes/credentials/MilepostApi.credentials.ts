import type {
	IAuthenticateGeneric,
	Icon,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

const WRONG_KEY =
	'Milepost does not know this API Key. Copy it whole, or make a new one with "milepost key create".';
const FORBIDDEN = 'Something before Milepost refuses the call. Let n8n through there, or check the Base URL.';
const MOVED =
	'The server says that it has moved. Put its new address into the Base URL, often just https:// in place of http://.';
const STRANGER =
	'There is no Milepost at this address. The Base URL is the address of the server alone, such as https://milepost.example.com.';
const NOT_UNDERSTOOD = 'What answers there did not understand the call. Check the Base URL: https:// or http://, and the port.';
const BUSY = 'Milepost was called too often. Wait a minute, and test again.';
const TROUBLE = 'Milepost answers, but has trouble of its own. See its log.';
const PROXY = 'Something before Milepost answers, but Milepost does not. See that it runs, and test again.';

/** Make the rules that say a sentence for some statuses. */
const said = (message: string, ...statuses: number[]) =>
	statuses.map((value) => ({ type: 'responseCode' as const, properties: { value, message } }));

export class MilepostApi implements ICredentialType {
	name = 'milepostApi';

	displayName = 'Milepost API';

	icon: Icon = { light: 'file:../icons/milepost.svg', dark: 'file:../icons/milepost.dark.svg' };

	documentationUrl = 'https://github.com/milepost-dev/n8n-nodes-milepost#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://milepost.example.com',
			description: 'Address of your own Milepost server, as n8n reaches it, beginning with https:// or http://',
			// of a call that reaches nobody the test shows the bare code, whatever the package says
			hint: 'If the test says ECONNREFUSED or ENOTFOUND, nothing answers n8n here: start Milepost, or correct the address. Inside Docker, localhost is another machine.',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'A key with the scopes evaluate, award, read and manage, made with “milepost key create”',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl.trim().replace(/(\\/v1)?\\/*$/, "")}}',
			url: '/v1/me',
			method: 'GET',
			disableFollowRedirect: true,
		},
		rules: [
			// something else may answer 200 at a wrong address
			{
				type: 'responseSuccessBody',
				properties: { key: 'key_id', value: undefined, message: STRANGER },
			},
			// without a sentence n8n shows the bare words of the status, such as "Unauthorized"
			...said(WRONG_KEY, 401),
			...said(FORBIDDEN, 403),
			...said(MOVED, 300, 301, 302, 303, 307, 308),
			...said(STRANGER, 404, 405, 410, 421),
			...said(NOT_UNDERSTOOD, 400, 426),
			...said(BUSY, 429),
			...said(TROUBLE, 500),
			...said(PROXY, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530),
			// n8n follows both kinds, though its types want one of them alone
		] as ICredentialTestRequest['rules'],
	};
}
