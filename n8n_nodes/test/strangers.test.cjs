// What a real server cannot be made to answer: too many calls, trouble, other programs. A stand-in answers so.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const { OPERATIONS } = require('./cases.cjs');
const { CREDENTIALS, run } = require('./milepost.cjs');

const told = { resource: 'event', operation: 'evaluate', type: 'ticket.solved', actor: 'ana@example.com' };
const list = { resource: 'achievement', operation: 'getAll' };
const asked = [];
let answer;
let server;

test.before(async () => {
	server = http.createServer((request, response) => {
		asked.push(request.url);
		const { status, headers = {}, body = '' } = answer;
		response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	CREDENTIALS.stranger = { baseUrl: `http://127.0.0.1:${server.address().port}`, apiKey: 'mp_x' };
});
test.after(() => server.close());

/** Give what is said when the server answers so, by both ways of calling. */
async function saidTo(given) {
	answer = given;
	const errors = [];
	for (const parameters of [told, list]) errors.push((await run(parameters, [{}], { credential: 'stranger' })).error);
	assert.equal(errors[0].message, errors[1].message);
	return errors[0];
}

const problem = (status, detail, more) => ({ status, headers: { 'content-type': 'application/problem+json', ...more }, body: { title: 'Not now', status, detail } });
const page = (status) => ({ status, headers: { 'content-type': 'text/html' }, body: '<html>nginx</html>' });

/** Fields as an item gives them, so that no operation is refused before it is sent. */
const filled = { who: 'ana@example.com', ticket: 't-1', id: 'e-1', key: 'clean-close', award: 'aw_1', day: '2026-03-02', slug: 'helpdesk-sla', source: 'zendesk', payload: {} };
const answers = {
	401: problem(401, 'The key is not known here. Copy it again.'),
	404: problem(404, 'There is no such thing. Look at the list.'),
	422: problem(422, 'The day is none. Write it like 2026-03-02.'),
	429: problem(429, 'Too many calls. Wait a little.', { 'retry-after': '7' }),
	500: problem(500, 'Something broke here; it is in the log.'),
	502: page(502),
};

for (const [name, { parameters }] of Object.entries(OPERATIONS)) {
	test(`${name}: whatever the server refuses ends the run, or is one item for each that was refused`, async () => {
		for (const [status, given] of Object.entries(answers)) {
			answer = given;
			const words = given.body.detail ?? /Something before Milepost answered with status 502/;
			const settings = { credential: 'stranger' };
			const { error } = await run(parameters, [filled, filled], settings);
			assert.match(error.message, new RegExp(words), status);
			assert.deepEqual([error.httpCode, error.context.itemIndex], [status, 0]);
			const found = await run(parameters, [filled, filled], { ...settings, onError: 'continueRegularOutput' });
			assert.deepEqual([found.error, found.links], [undefined, [0, 1]], status);
			for (const one of found.json) assert.deepEqual([one.status, new RegExp(words).test(one.error)], [Number(status), true]);
		}
	});
}

test('a server that is busy says when to come back', async () => {
	for (const status of [429, 503]) {
		const said = await saidTo(problem(status, 'The store is busy. Try again.', { 'retry-after': '7' }));
		assert.equal(said.message, 'The store is busy. Try again.');
		assert.match(said.description, /Try again in 7 seconds, or switch on Retry On Fail/);
		assert.equal(said.httpCode, String(status));
	}
});

test('trouble of the server is said in its own words', async () => {
	assert.equal((await saidTo(problem(500, 'Something broke here; it is in the log.'))).message, 'Something broke here; it is in the log.');
});

test('a proxy that cannot reach Milepost is told from Milepost', async () => {
	for (const status of [502, 503, 504]) assert.match((await saidTo(page(status))).message, /Something before Milepost answered with status 50.\. See that Milepost runs/);
});

test('another program at the address is noticed, whatever it answers', async () => {
	const words = /is not from Milepost\. Check the Base URL/;
	assert.match((await saidTo(page(200))).message, words);
	assert.match((await saidTo(page(404))).message, words);
	assert.match((await saidTo({ status: 404, headers: { 'content-type': 'application/json' }, body: { code: 404 } })).message, words);
	assert.match((await saidTo({ status: 200, headers: { 'content-type': 'application/json' }, body: [1, 2] })).message, words);
	assert.match((await saidTo({ status: 200, body: '' })).message, words);
});

test('a redirect is not followed, so that the key goes nowhere else', async () => {
	asked.length = 0;
	const said = await saidTo({ status: 301, headers: { location: 'https://other.example/v1' } });
	assert.match(said.message, /has moved\. Put its new address into the Base URL/);
	assert.match(said.description, /other\.example/);
	assert.equal(asked.length, 2);
});

test('an answer that breaks off is said', async () => {
	answer = { status: 200, headers: { 'content-length': '100' }, body: '{' };
	server.once('request', (request, response) => setImmediate(() => response.destroy()));
	const { error } = await run(told, [{}], { credential: 'stranger' });
	assert.match(error.message, /cannot be reached/);
});

test('a batch answer without a result for each event is refused, and no item is lost', async () => {
	answer = { status: 200, headers: { 'content-type': 'application/json' }, body: { results: [] } };
	const parameters = { ...told, operation: 'evaluateMany' };
	const { json } = await run(parameters, [{}, {}], { credential: 'stranger', onError: 'continueRegularOutput' });
	assert.deepEqual(json.map(({ error }) => /is not from Milepost/.test(error)), [true, true]);
});

test('a payload answer without what was found is refused', async () => {
	answer = { status: 200, headers: { 'content-type': 'application/json' }, body: { source: 'zendesk' } };
	const { parameters } = OPERATIONS['event evaluatePayload'];
	const { json } = await run(parameters, [filled], { credential: 'stranger', onError: 'continueErrorOutput' });
	assert.deepEqual(json, []);
});

test('a caller of a flow is not told that all is well when another program answered', async () => {
	for (const given of [page(200), { status: 301, headers: { location: 'https://other.example' } }]) {
		answer = given;
		const { refused } = await run(told, [{ status: 'SOLVED' }], { credential: 'stranger', onError: 'continueErrorOutput' });
		assert.equal(refused[0].status, undefined);
	}
});
