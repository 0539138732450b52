// Evaluate Payload: what seven systems send becomes an item for each event, and what cannot be read is refused.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { call, fresh, payload, run, SYSTEMS } = require('./milepost.cjs');

const hand = { resource: 'event', operation: 'evaluatePayload', source: '={{ $json.source }}', payload: '={{ $json.payload }}' };
const goesOn = { onError: 'continueRegularOutput' };
const { RECIPES } = process.env;
/** Make a pattern for the ids of the events that a system's mapping tells once. */
function toldOnce(source) {
	const texts = readdirSync(RECIPES)
		.map((slug) => join(RECIPES, slug, 'mappings', `${source}.json`))
		.filter(existsSync)
		.map((path) => readFileSync(path, 'utf8'));
	const ids = JSON.parse(texts[0]).events.filter(({ once }) => once).map(({ id }) => id.replace(/\{[^}]*\}/g, '.*'));
	return new RegExp(`^(${ids.join('|')})$`);
}
const NOTHING = { told: 0, unlocked: false, unlocked_count: 0, unlocked_names: '', message: '' };
const isRefused = ({ error }) => error !== undefined;

test.before(async () => {
	for (const { recipe } of Object.values(SYSTEMS)) await call('POST', `/v1/recipes/${recipe}/install`, { state: 'live' });
	for (const [source, { aliases }] of Object.entries(SYSTEMS)) {
		for (const [person, alias] of Object.entries(aliases)) await call('PUT', `/v1/actors/${person}`, { aliases: { [source]: alias } });
	}
});

for (const [source, { cases }] of Object.entries(SYSTEMS)) {
	test(`${source}: each payload gives an item for each of its events, linked to it, and the server's words for each that is refused`, async () => {
		// what is refused because it is still to come depends on the day the test runs
		const given = Object.values(cases).filter(({ refused }) => !refused);
		const { error, json, links } = await run(hand, given.map(({ payload }) => ({ source, payload })), goesOn);
		assert.equal(error, undefined, error?.message);
		const once = toldOnce(source);
		const seen = new Set();
		given.forEach(({ why, events = [], problems = [] }, place) => {
			const found = json.filter((_, n) => links[n] === place);
			// what a record goes on showing is told by the first that shows it
			const ids = events.map(({ id }) => id).filter((id) => !(once.test(id) && seen.has(id)));
			ids.forEach((id) => seen.add(id));
			if (ids.length + problems.length === 0) return assert.deepEqual(found, [{ source, ...NOTHING }], why);
			assert.deepEqual(found.filter((one) => !isRefused(one)).map(({ event_id }) => event_id), ids, why);
			const said = found.filter(isRefused).map(({ error, status }) => [error, status]);
			assert.deepEqual(said, problems.map((words) => [words, 422]), why);
		});
		assert.deepEqual(links, [...links].sort((a, b) => a - b));
	});
}

test('one payload with two events gives two items, each as Evaluate answers', async () => {
	const { json, links } = await run(hand, [payload('hubspot', 'deal-saved', fresh('9'))]);
	assert.deepEqual(links, [0, 0]);
	for (const one of json) assert.deepEqual([typeof one.unlocked, typeof one.message, Array.isArray(one.progress)], ['boolean', 'string', true]);
	const types = await Promise.all(json.map(async ({ event_id }) => (await call('GET', `/v1/events/${event_id}`)).type));
	assert.deepEqual(types, ['deal.updated', 'deal.engaged']);
});

test('the same payload again counts nothing twice', async () => {
	const item = payload('zendesk', 'solved', fresh('51'));
	assert.deepEqual((await run(hand, [item, item])).json.map(({ replayed }) => replayed), [false, true]);
	assert.deepEqual((await run(hand, [item])).json.map(({ replayed }) => replayed), [true]);
});

test('a list of records is read like one after the other, and a payload may be text', async () => {
	const list = ['a', 'b'].map((word) => payload('freshdesk', 'solved', fresh(word)).payload);
	const { json, links } = await run({ ...hand, payload: '={{ JSON.stringify($json.list) }}' }, [{ source: 'freshdesk', list }]);
	assert.equal(json.length, 2);
	assert.deepEqual([new Set(json.map(({ event_id }) => event_id)).size, ...links], [2, 0, 0]);
});

test('without a word about the payload, the item is it', async () => {
	const { payload: item } = payload('zendesk', 'solved', fresh('52'));
	const { payload: _, ...rest } = hand;
	const { json } = await run({ ...rest, source: 'zendesk' }, [item]);
	assert.equal(json[0].event_id, `zendesk-${item.detail.id}-solved`);
});

test('a row that cannot be read ends the run with the reason, and those before it are told', async () => {
	const [good, broken] = [payload('zendesk', 'solved', fresh('53')), { source: 'zendesk', payload: SYSTEMS.zendesk.cases.broken.payload }];
	const { status, error } = await run(hand, [good, broken]);
	assert.equal(status, 'error');
	assert.equal(error.message, SYSTEMS.zendesk.cases.broken.problems[0]);
	assert.match(error.description, /^Row \d+ of the payload cannot be read/);
	assert.deepEqual([error.httpCode, error.context.itemIndex], ['422', 1]);
	assert.equal((await call('GET', `/v1/events/zendesk-${good.payload.detail.id}-solved`)).type, 'ticket.solved');
});

test('an event that is refused is said in the words of the server, and the rest of the payload is told', async () => {
	const later = new Date(Date.now() + 86_400_000).toISOString();
	const [now, ahead] = ['now', 'ahead'].map((word) => payload('freshdesk', 'solved', fresh(word)).payload);
	ahead.updated_at = later;
	if (ahead.stats) Object.assign(ahead.stats, { resolved_at: later, closed_at: later });
	const item = { source: 'freshdesk', payload: [now, ahead] };
	const { json, links } = await run(hand, [item], goesOn);
	assert.deepEqual(json.map(isRefused), [false, true]);
	assert.deepEqual([json[1].status, ...links], [422, 0, 0]);
	const words = /^\*occurred_at\* is .* Send events once they have happened/;
	assert.match(json[1].error, words);
	assert.match((await run(hand, [item])).error.message, words);
});

test('what is no payload or no source is refused before it is sent', async () => {
	for (const payload of ['{broken', '', '={{ 5 }}', '={{ $json.nothing }}', '="text"']) {
		const { error } = await run({ ...hand, source: 'zendesk', payload }, [{}], { credential: 'dead' });
		assert.equal(error?.message, 'Payload is not a JSON object or list', payload);
	}
	for (const source of ['={{ $json.nothing }}', ' ', '..']) {
		const { error } = await run({ ...hand, source, payload: '{}' }, [{}], { credential: 'dead' });
		assert.equal(error?.message, 'The source is blank for this item, or is no name', source);
		assert.match(error.description, /zendesk/);
	}
});
