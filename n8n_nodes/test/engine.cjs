// Runs the built package in n8n's own engine: its loader, its execution of workflows, its contexts for triggers and
// dropdowns. Only the store of credentials is ours, because n8n keeps its own in the server.
'use strict';
const core = require('n8n-core');
const { NodeConnectionTypes, NodeHelpers, Workflow } = require('n8n-workflow');

const ADDRESSES = {
	restApiUrl: 'http://127.0.0.1/rest',
	instanceBaseUrl: 'http://127.0.0.1',
	webhookBaseUrl: 'http://127.0.0.1/webhook',
	webhookTestBaseUrl: 'http://127.0.0.1/webhook-test',
	webhookWaitingBaseUrl: 'http://127.0.0.1/webhook-waiting',
	formWaitingBaseUrl: 'http://127.0.0.1/form-waiting',
};

/** Hands on what a test starts with. */
class Start {
	description = {
		displayName: 'Start',
		name: 'start',
		group: ['trigger'],
		version: 1,
		description: '',
		defaults: { name: 'Start' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	};

	async execute() {
		return [this.getInputData()];
	}
}

/** Keeps credentials by name, and applies what the package says about authentication. */
class Credentials {
	constructor(types, kept) {
		Object.assign(this, { types, kept });
	}

	getParentTypes = () => [];
	isCredentialUsableByNode = () => true;
	preAuthentication = async () => undefined;
	runPreAuthentication = async () => undefined;
	getCredentialsProperties = (type) => this.types[type].type.properties;
	getDecrypted = async (_more, { name }) => ({ ...this.kept[name] });

	async authenticate(values, type, options, workflow, node) {
		for (const [header, text] of Object.entries(this.types[type].type.authenticate.properties.headers)) {
			(options.headers ??= {})[header] = evaluated(workflow, node, text, values);
		}
		return options;
	}
}

function evaluated(workflow, node, text, credentials) {
	if (typeof text !== 'string' || !text.startsWith('=')) return text;
	return workflow.expression.getSimpleParameterValue(node, text, 'internal', { $credentials: credentials }, undefined, '');
}

class Engine {
	constructor(loader, kept) {
		const types = { 'test.start': new Start() };
		for (const [name, { type }] of Object.entries(loader.nodeTypes)) types[`${loader.packageName}.${name}`] = type;
		this.types = types;
		this.credentialTypes = loader.credentialTypes;
		this.kept = kept;
		this.nodeTypes = {
			getByName: (name) => types[name],
			getByNameAndVersion: (name, version) => NodeHelpers.getVersionedNodeType(types[name], version),
			getKnownTypes: () => ({}),
		};
	}

	additional(more = {}) {
		const credentialsHelper = new Credentials(this.credentialTypes, this.kept);
		return { ...ADDRESSES, credentialsHelper, executionId: '1', variables: {}, currentNodeExecutionIndex: 0, ...more };
	}

	workflow(document) {
		const { nodeTypes } = this;
		// the workflow fills in what its nodes leave out
		return new Workflow({ id: 'flow', name: 'Flow', active: false, nodeTypes, settings: {}, ...structuredClone(document) });
	}

	/** Run a workflow from its start node with some items; give what each node put out, and what went wrong. */
	async run(document, items) {
		const workflow = this.workflow(document);
		const start = workflow.getNode(document.nodes[0].name);
		const hooks = new core.ExecutionLifecycleHooks('manual', '1', { id: 'flow', name: 'Flow', ...document });
		const execution = new core.WorkflowExecute(this.additional({ hooks }), 'manual');
		const { status, data } = await execution.run({ workflow, startNode: start, pinData: { [start.name]: items } });
		const found = (name) => data.resultData.runData[name]?.[0]?.data?.main ?? [];
		return { status, error: data.resultData.error, outputs: found };
	}

	/** Give what a trigger is called with: its workflow with what it kept, its node, type and webhook. `manual`: the editor listens. */
	#trigger(document, state, mode) {
		const [{ name, type }] = document.nodes;
		const workflow = this.workflow({ ...document, staticData: { [`node:${name}`]: state } });
		const isTest = mode === 'manual';
		const [webhookDescription] = this.types[type].description.webhooks;
		const webhook = { webhookDescription, node: name, path: 'path', httpMethod: 'POST', workflowId: 'flow', isTest };
		return { workflow, node: workflow.getNode(name), type: this.types[type], webhook };
	}

	/** Call `checkExists`, `create` or `delete` of a trigger; *state* is what it keeps between the calls. */
	async hook(document, method, state, mode = 'trigger') {
		const { workflow, node, type, webhook } = this.#trigger(document, state, mode);
		const context = new core.HookContext(workflow, node, this.additional(), mode, 'activate', webhook);
		const result = await type.webhookMethods.default[method].call(context);
		const kept = { ...context.getWorkflowStaticData('node') };
		for (const key of Object.keys(state)) delete state[key];
		Object.assign(state, kept);
		return result;
	}

	/** Give a call from outside to a trigger; give the items it starts the workflow with, and what it answers itself. */
	async receive(document, { headers, rawBody }, state, mode = 'webhook') {
		const { workflow, node, type, webhook } = this.#trigger(document, state, mode);
		const answer = {};
		const keep = (what) => (value) => Object.assign(answer, { [what]: value }) && httpResponse;
		const httpResponse = { status: keep('status'), json: keep('body') };
		const httpRequest = { headers, query: {}, params: {}, body: JSON.parse(rawBody.toString() || '{}'), rawBody };
		const additional = this.additional({ httpRequest, httpResponse });
		const context = new core.WebhookContext(workflow, node, additional, mode, webhook, [], null);
		const { workflowData } = await type.webhook.call(context);
		return { items: workflowData?.[0]?.map(({ json }) => json), answer };
	}

	/** Fill a dropdown. */
	async search(document, method, ...asked) {
		const workflow = this.workflow(document);
		const node = workflow.getNode(document.nodes.at(-1).name);
		const additional = this.additional({ currentNodeParameters: node.parameters });
		const context = new core.LoadOptionsContext(workflow, node, additional, '');
		return await this.types[node.type].methods.listSearch[method].call(context, ...asked);
	}
}

/** Load a built package the way n8n does. */
async function openPackage(folder, credentials) {
	const loader = new core.PackageDirectoryLoader(folder);
	await loader.loadAll();
	return new Engine(loader, credentials);
}

module.exports = { openPackage, evaluated };
