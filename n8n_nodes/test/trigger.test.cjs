// The life of a trigger against a real server, and a real delivery from it.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const { call, fresh, opened, picked, signed, triggerFlow } = require('./milepost.cjs');

let receiver;
const arrived = [];
let base;

test.before(async () => {
	await call('POST', '/v1/recipes/helpdesk-sla/install', { state: 'live' });
	receiver = http.createServer((request, response) => {
		const parts = [];
		request.on('data', (part) => parts.push(part));
		request.on('end', () => {
			arrived.push({ path: request.url, headers: request.headers, rawBody: Buffer.concat(parts) });
			response.writeHead(200).end();
		});
	});
	await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
	base = `http://127.0.0.1:${receiver.address().port}`;
});
test.after(() => receiver.close());

/** Make a workflow with a trigger, whose addresses lead to the receiver. */
async function trigger(chosen) {
	const engine = await opened();
	const document = triggerFlow(chosen);
	const [{ parameters, credentials, webhookId }] = document.nodes;
	const state = {};
	const additional = engine.additional.bind(engine);
	engine.additional = (more) => additional({ ...more, webhookBaseUrl: `${base}/webhook`, webhookTestBaseUrl: `${base}/webhook-test` });
	return {
		state,
		parameters,
		credentials,
		webhookId,
		ask: async (method, mode) => await engine.hook(document, method, state, mode),
		receive: async (delivery, mode) => await engine.receive(document, delivery, state, mode),
		places: async () => (await call('GET', '/v1/subscriptions?limit=200')).items.filter(({ id }) => id === state.subscriptionId),
	};
}

async function arrival(id) {
	for (let turn = 0; turn < 150; turn++) {
		const found = arrived.find(({ path, rawBody }) => path.includes(id) && rawBody.length > 0);
		if (found) return found;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	throw new Error('Nothing arrived within 15 seconds');
}

test('a place is added once, is found again, and is removed; a second removal changes nothing', async () => {
	const one = await trigger();
	assert.equal(await one.ask('checkExists'), false);
	assert.equal(await one.ask('create'), true);
	const [place] = await one.places();
	assert.deepEqual([place.status, place.audience, place.events], ['active', 'all', ['achievement.awarded']]);
	assert.match(place.name, /^n8n: Flow/);
	assert.equal(await one.ask('checkExists'), true);
	const kept = { ...one.state };
	assert.equal(await one.ask('delete'), true);
	assert.deepEqual(one.state, {});
	Object.assign(one.state, kept);
	assert.equal(await one.ask('delete'), true);
	assert.equal(await one.ask('delete'), true);
	assert.deepEqual((await call('GET', `/v1/subscriptions/${kept.subscriptionId}`)).status, 404);
});

test('other news or another achievement make a new place in place of the old one', async () => {
	const one = await trigger();
	await one.ask('create');
	const before = one.state.subscriptionId;
	one.parameters.events = ['achievement.awarded', 'streak.broken'];
	assert.equal(await one.ask('checkExists'), false);
	assert.equal((await call('GET', `/v1/subscriptions/${before}`)).status, 404);
	await one.ask('create');
	assert.equal(await one.ask('checkExists'), true);
	one.parameters.achievement = picked('clean-close');
	assert.equal(await one.ask('checkExists'), false);
	await one.ask('create');
	assert.deepEqual((await one.places())[0].achievements, ['clean-close']);
	await one.ask('delete');
});

test('a place that the server lost or disabled is added again', async () => {
	const one = await trigger();
	await one.ask('create');
	await call('DELETE', `/v1/subscriptions/${one.state.subscriptionId}`);
	assert.equal(await one.ask('checkExists'), false);
	await one.ask('create');
	await call('PATCH', `/v1/subscriptions/${one.state.subscriptionId}`, { status: 'disabled' });
	assert.equal(await one.ask('checkExists'), false);
	await one.ask('delete');
});

test('a place whose secret was forgotten is removed, because its calls could not be verified', async () => {
	const one = await trigger();
	await one.ask('create');
	const { subscriptionId } = one.state;
	delete one.state.secret;
	assert.equal(await one.ask('checkExists'), false);
	assert.equal((await call('GET', `/v1/subscriptions/${subscriptionId}`)).status, 404);
});

test('the test address and the production address live side by side', async () => {
	const one = await trigger();
	await one.ask('create');
	const production = { ...one.state };
	for (const key of Object.keys(one.state)) delete one.state[key];
	assert.equal(await one.ask('checkExists', 'manual'), false);
	await one.ask('create', 'manual');
	assert.notEqual(one.state.subscriptionId, production.subscriptionId);
	await one.ask('delete', 'manual');
	Object.assign(one.state, production);
	assert.equal(await one.ask('checkExists'), true);
	await one.ask('delete');
});

test('an activation that fails says why, and keeps nothing', async () => {
	for (const [credential, words] of [['dead', /cannot be reached/], ['wrong', /key/i], ['reader', /manage/]]) {
		const one = await trigger({ credential });
		await assert.rejects(one.ask('create'), words);
		assert.deepEqual(one.state, {});
	}
	const one = await trigger();
	await one.ask('create');
	one.credentials.milepostApi.name = 'dead';
	assert.equal(await one.ask('delete'), false);
	assert.ok(one.state.subscriptionId, 'what could not be removed is still known');
	one.credentials.milepostApi.name = 'good';
	await one.ask('delete');
});

test('an award fires the workflow; what is forged, unsigned, changed or old does not', async () => {
	const one = await trigger({ achievement: 'clean-close' });
	await one.ask('create');
	const actor = fresh('Jürgen "Jo" <person>');
	await call('POST', '/v1/awards', { achievement: 'clean-close', actor });
	const real = await arrival(one.webhookId);
	const { items } = await one.receive(real);
	assert.deepEqual([items[0].type, items[0].data.actor, items[0].data.name], ['achievement.awarded', actor, 'Clean Close']);

	const with_ = (changes) => ({ ...real, headers: { ...real.headers, ...changes } });
	const signedAt = (at) => with_(signed(real.rawBody, { id: real.headers['webhook-id'], at, secret: one.state.secret }));
	const now = Math.floor(Date.now() / 1000);
	assert.ok((await one.receive(signedAt(now))).items, 'the test signs as Milepost does');
	assert.ok((await one.receive(with_({ 'webhook-signature': `v1,AAAA v1a,x ${real.headers['webhook-signature']}` }))).items, 'one good signature is enough');
	const bad = {
		forged: with_({ 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` }),
		unsigned: { ...real, headers: {} },
		'of another kind': with_({ 'webhook-signature': real.headers['webhook-signature'].replace('v1,', 'v2,') }),
		'under another id': with_({ 'webhook-id': 'nw_other' }),
		changed: { ...real, rawBody: Buffer.from(real.rawBody.toString().replace('Clean', 'Clear')) },
		replayed: signedAt(now - 301),
		'from the future': signedAt(now + 301),
		'at no time': with_({ 'webhook-timestamp': 'now' }),
	};
	for (const [name, delivery] of Object.entries(bad)) {
		const { items: started, answer } = await one.receive(delivery);
		assert.deepEqual([started, answer.status], [undefined, 401], name);
	}
	delete one.state.secret;
	assert.equal((await one.receive(real)).answer.status, 401, 'without a secret nothing is believed');
});

test('a test from the server is answered, and starts the workflow only while the editor listens', async () => {
	const one = await trigger();
	await one.ask('create');
	await call('POST', `/v1/subscriptions/${one.state.subscriptionId}/test`);
	const real = await arrival(one.webhookId);
	const production = await one.receive(real);
	assert.deepEqual([production.items, production.answer], [undefined, {}]);
	assert.equal((await one.receive(real, 'manual')).items[0].type, 'subscription.test');
	await one.ask('delete');
});
