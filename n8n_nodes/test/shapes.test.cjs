// The examples of the server's documents: what its news looks like, and what it answers. The tests of the server read
// the same files, so a shape cannot change on one side alone.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { call, fresh, opened, PACK, run, signed, triggerFlow } = require('./milepost.cjs');

const FOLDER = process.env.EXAMPLES;
const read = (name) => readFileSync(join(FOLDER, `${name}.json`));
const news = readdirSync(FOLDER).filter((name) => /^\w+\.\w+\.json$/.test(name)).map((name) => name.replace(/\.json$/, ''));

/** Give every key with the type of its value, of lists that of their first. */
function shape(value) {
	if (Array.isArray(value)) return value.slice(0, 1).map(shape);
	if (value === null || typeof value !== 'object') return typeof value;
	return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shape(one)]));
}

const secret = 'a secret of these tests alone, long enough';

for (const name of news) {
	test(`${name}: an item is the example, key for key`, async () => {
		const rawBody = read(name);
		const { id } = JSON.parse(rawBody);
		const headers = signed(rawBody, { id, at: Math.floor(Date.now() / 1000), secret });
		const { items } = await (await opened()).receive(triggerFlow({ events: [name] }), { headers, rawBody }, { secret });
		assert.deepEqual(items, [JSON.parse(rawBody)]);
	});
}

test('every kind of news that the trigger offers has an example', async () => {
	const { types } = await opened();
	const { properties } = types[`${PACK}.milepostTrigger`].description;
	const offered = properties.find((property) => property.name === 'events').options.map(({ value }) => value);
	assert.ok(offered.length >= 6);
	assert.deepEqual(offered.filter((kind) => !news.includes(kind)), []);
});

test('what Evaluate gives for the fifth ticket has the shape of the example', async () => {
	await call('POST', '/v1/recipes/helpdesk-sla/install', { state: 'live' });
	const actor = fresh('person');
	const tickets = [1, 2, 3, 4, 5].map((number) => ({ number: fresh(`ticket-${number}`), solved: new Date(Date.now() - 100 * 3_600_000).toISOString() }));
	const fields = { type: 'ticket.solved', actor, subject: '={{ $json.number }}', eventId: '={{ $json.number }}-solved', occurredAt: '={{ $json.solved }}' };
	const told = { resource: 'event', operation: 'evaluate', ...fields, properties: '{"within_sla": true}', additionalFields: {} };
	const { error, json } = await run(told, tickets);
	assert.equal(error, undefined, error?.message);
	const example = JSON.parse(read('answer'));
	assert.deepEqual(Object.keys(json.at(-1)).sort(), Object.keys(example).sort());
	const earned = json.find(({ unlocked }) => unlocked);
	assert.deepEqual(shape(earned.awards), shape(example.awards));
	assert.deepEqual(Object.keys(shape(earned.progress)[0]).sort(), Object.keys(shape(example.progress)[0]).sort());
});
