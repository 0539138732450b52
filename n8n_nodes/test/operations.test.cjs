// Every operation against a real server: right, for two items, refused, and refused while the flow goes on.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const { ana, OPERATIONS } = require('./cases.cjs');
const { call, opened, PACK, run } = require('./milepost.cjs');

test.before(async () => {
	await call('POST', '/v1/recipes/helpdesk-sla/install', { state: 'live' });
	await call('POST', '/v1/actors', { id: ana, name: 'Ana Diaz' });
	const of = { type: 'pipeline.tidied' };
	const tidy = { key: 'tidy', name: 'Tidy', purpose: 'A pipeline that can be trusted', category: 'consistency', criterion: { kind: 'streak', target: 5, period: 'day', each: { kind: 'count', target: 1, of } }, state: 'live' };
	const reviewed = { key: 'reviewed', name: 'Reviewed', purpose: 'Seen by a person', category: 'quality', criterion: { kind: 'count', target: 1, of }, review: 'manager', state: 'live' };
	for (const rule of [tidy, reviewed]) {
		const saved = await call('POST', '/v1/achievements', rule);
		assert.equal(saved.key, rule.key, JSON.stringify(saved));
	}
});

const goesOn = { onError: 'continueRegularOutput' };

for (const [name, { parameters, items, has, refused = [] }] of Object.entries(OPERATIONS)) {
	test(`${name}: each of two items gets its own answer`, async () => {
		const given = await items();
		const { error, json, links } = await run(parameters, given);
		assert.equal(error, undefined, error && `${error.message} ${error.description}`);
		if (name === 'achievement getAll') {
			assert.equal(json.length % 2, 0);
			assert.deepEqual([...new Set(links)], [0, 1]);
			return json.forEach(has);
		}
		assert.deepEqual(links, [0, 1]);
		json.forEach((one, place) => has(one, given[place]));
	});

	test(`${name}: a wrong key is said in the server's words`, async () => {
		const given = await items();
		const { status: ended, error } = await run(parameters, given, { credential: 'wrong' });
		assert.equal(ended, 'error');
		assert.equal(error.httpCode, '401');
		assert.match(error.message, /key/i);
		assert.equal(error.context.itemIndex, 0);
		const { json, links } = await run(parameters, given, { credential: 'wrong', ...goesOn });
		assert.deepEqual([json.map(({ status }) => status), links], [[401, 401], [0, 1]]);
	});

	test(`${name}: a server that is down is said, and has no status`, async () => {
		const words = /cannot be reached at http:\/\/127.0.0.1:9\. See that it runs, and check the Base URL/;
		const given = await items();
		assert.match((await run(parameters, given, { credential: 'dead' })).error.message, words);
		const { refused: side } = await run(parameters, given, { credential: 'dead', onError: 'continueErrorOutput' });
		for (const { error, status } of side) assert.deepEqual([words.test(error), status], [true, undefined]);
		assert.equal(side.length, 2);
	});

	for (const { item, status, words } of refused) {
		test(`${name}: ${words} ends the run, in the server's words`, async () => {
			const [good] = await items();
			const { status: ended, error } = await run(parameters, [good, item]);
			assert.equal(ended, 'error');
			assert.match(error.message, words);
			assert.equal(error.context.itemIndex, 1);
		});

		test(`${name}: ${words} is one item with its status where the flow goes on, linked to what it came from`, async () => {
			const [good, other] = await items();
			const { error, json, links } = await run(parameters, [good, item, other], goesOn);
			assert.equal(error, undefined);
			assert.deepEqual(links, [0, 1, 2]);
			has(json[0], good);
			assert.match(json[1].error, words);
			assert.equal(json[1].status, status, json[1].error);
			has(json[2], other);
		});
	}

	if (refused.length === 0) continue;
	test(`${name}: with an output for errors each item is on one side, with what it was and why not`, async () => {
		const [good] = await items();
		const [{ item, status, words }] = refused;
		const found = await run(parameters, [{ ...item, kept: 1, status: 200 }, good], { onError: 'continueErrorOutput' });
		assert.deepEqual([found.json.length, found.refused.length], [1, 1]);
		has(found.json[0], good);
		const { error, kept, status: said } = found.refused[0];
		assert.match(error, words);
		assert.deepEqual([kept, said], [1, status]);
	});
}

test('every operation of the node is tried here', async () => {
	const { description } = (await opened()).types[`${PACK}.milepost`];
	const known = description.properties
		.filter(({ name }) => name === 'operation')
		.flatMap(({ options, displayOptions }) => options.map(({ value }) => `${displayOptions.show.resource[0]} ${value}`));
	assert.deepEqual(Object.keys(OPERATIONS).sort(), known.sort());
});
