// What the tests share: the package in the engine, a real Milepost server, workflows with one Milepost node.
'use strict';
const { createHmac } = require('node:crypto');
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { openPackage } = require('./engine.cjs');

const { MILEPOST_URL: URL, MILEPOST_KEY: KEY, MILEPOST_READ_KEY: READ_KEY, PACKAGE, PAYLOADS } = process.env;
const PACK = 'n8n-nodes-milepost';

/** What the credentials of the tests are; `good` has the slash that people paste. */
const CREDENTIALS = {
	good: { baseUrl: `${URL}/`, apiKey: KEY },
	wrong: { baseUrl: URL, apiKey: 'mp_wrong' },
	reader: { baseUrl: URL, apiKey: READ_KEY },
	dead: { baseUrl: 'http://127.0.0.1:9', apiKey: KEY },
	garbled: { baseUrl: 'milepost', apiKey: KEY },
	deep: { baseUrl: `${URL}/v1`, apiKey: KEY },
};

let engine;
const opened = async () => (engine ??= await openPackage(PACKAGE, CREDENTIALS));

/** Make a workflow: a start, and one Milepost node. */
function flow(parameters, { credential = 'good', ...settings } = {}) {
	const start = { id: '1', name: 'Start', type: 'test.start', typeVersion: 1, position: [0, 0], parameters: {} };
	const credentials = { milepostApi: { id: '1', name: credential } };
	const node = { id: '2', name: 'Milepost', type: `${PACK}.milepost`, typeVersion: 1, position: [1, 0], parameters, credentials };
	const connections = { Start: { main: [[{ node: 'Milepost', type: 'main', index: 0 }]] } };
	return { nodes: [start, { ...node, ...settings }], connections, settings: { executionOrder: 'v1' } };
}

/** Run the node with some items; give its documents, the items they belong to, and what went wrong. */
async function run(parameters, items = [{}], settings = {}) {
	const given = items.map((json) => ({ json }));
	const { status, error, outputs } = await (await opened()).run(flow(parameters, settings), given);
	const [main = [], refused = []] = outputs('Milepost');
	const links = main.map(({ pairedItem }) => pairedItem.item);
	return { status, error, json: main.map(({ json }) => json), links, refused: refused.map(({ json }) => json) };
}

/** Call the server without n8n. */
async function call(method, path, body) {
	const headers = { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' };
	const response = await fetch(URL + path, { method, headers, body: body && JSON.stringify(body) });
	return await response.json().catch(() => ({}));
}

const picked = (value) => ({ __rl: true, mode: 'id', value });
let count = 0;
/** Give a name that no other test uses. */
const fresh = (word) => `${word}-${process.pid}-${++count}`;

/** Make a workflow that starts with a trigger. */
function triggerFlow({ events = ['achievement.awarded'], achievement = '', credential = 'good' } = {}) {
	const parameters = { events, achievement: picked(achievement) };
	const credentials = { milepostApi: { id: '1', name: credential } };
	const node = { id: '1', name: 'Milepost Trigger', type: `${PACK}.milepostTrigger`, typeVersion: 1, position: [0, 0], parameters, credentials, webhookId: fresh('hook') };
	return { nodes: [node], connections: {} };
}

/** Give the headers that Milepost sends with a body; *at* is in seconds since 1970. */
function signed(rawBody, { id, at, secret }) {
	const digest = createHmac('sha256', secret).update(`${id}.${at}.`).update(rawBody).digest('base64');
	return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${digest}` };
}

/** What systems send, each in some cases, with the events that are expected of it. */
const SYSTEMS = Object.fromEntries(
	readdirSync(PAYLOADS).map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(join(PAYLOADS, name), 'utf8'))]),
);

/** Give a case of a system for a record that no other test uses. */
function payload(source, name, id) {
	const { payload: document } = structuredClone(SYSTEMS[source].cases[name]);
	if (source === 'zendesk') document.detail.id = id;
	else document.id = id;
	return { source, payload: document };
}

module.exports = { CREDENTIALS, PACK, SYSTEMS, URL, call, flow, fresh, opened, payload, picked, run, signed, triggerFlow };
