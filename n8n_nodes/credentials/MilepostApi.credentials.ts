import type {
	IAuthenticateGeneric,
	Icon,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

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
			description: 'Address of your own Milepost server, as n8n reaches it',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'A key with the scopes evaluate, award, read and manage, made with POST /v1/keys',
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
				properties: { key: 'key_id', value: undefined, message: 'There is no Milepost at this address. Check the Base URL.' },
			},
		],
	};
}
