// Every operation against a real server: right, for two items, refused, and refused while the flow goes on.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const { call, fresh, picked, run } = require('./milepost.cjs');

const today = new Date().toISOString().slice(0, 10);
const solved = { type: 'ticket.solved', actor: '={{ $json.who }}', subject: '={{ $json.ticket }}', eventId: '={{ $json.ticket }}-solved', properties: '{"within_sla": true}' };
const ana = 'ana@example.com';

/** Two people with an award each, for what needs one. */
const twoAwards = async (achievement = 'clean-close') =>
	await Promise.all(
		['a', 'b'].map(async () => {
			const who = fresh('person');
			const { id } = await call('POST', '/v1/awards', { achievement, actor: who });
			return { who, award: id };
		}),
	);

/**
 * Each operation: its parameters as expressions over an item, two items for which it works, what the documents must
 * have, and an item that is refused with a status and words.
 */
const OPERATIONS = {
	'event evaluate': {
		parameters: { resource: 'event', operation: 'evaluate', ...solved },
		items: () => [1, 2].map(() => ({ who: fresh('person'), ticket: fresh('t') })),
		has: (one, { ticket }) => assert.equal(one.event_id, `${ticket}-solved`),
		refused: { who: '', ticket: '' },
		words: /Give an \*actor\*/,
		status: '422',
	},
	'event evaluateMany': {
		parameters: { resource: 'event', operation: 'evaluateMany', ...solved },
		items: () => [1, 2].map(() => ({ who: fresh('person'), ticket: fresh('t') })),
		has: (one, { ticket }) => assert.equal(one.event_id, `${ticket}-solved`),
		refused: { who: 'x'.repeat(300), ticket: 't' },
		words: /actor/,
		status: '422',
	},
	'event void': {
		parameters: { resource: 'event', operation: 'void', eventId: '={{ $json.id }}' },
		items: async () => {
			const ids = [fresh('void/of a'), fresh('void of/b')];
			for (const id of ids) await call('POST', '/v1/evaluate', { id, type: 'ticket.solved', actor: ana });
			return ids.map((id) => ({ id }));
		},
		has: (one, { id }) => assert.equal(one.event_id, id),
		refused: { id: 'no such/event' },
		words: /no such\/event/,
		status: '404',
	},
	'award give': {
		parameters: { resource: 'award', operation: 'give', achievement: picked('={{ $json.key }}'), actor: picked('={{ $json.who }}'), note: 'Well done' },
		items: () => [1, 2].map(() => ({ key: 'clean-close', who: fresh('person') })),
		has: (one, { who }) => assert.deepEqual([one.actor, one.status], [who, 'granted']),
		refused: { key: 'no-such', who: ana },
		words: /no-such/,
		status: '404',
	},
	'award revoke': {
		parameters: { resource: 'award', operation: 'revoke', award: picked('={{ $json.award }}'), reason: 'Given to the wrong person' },
		items: () => twoAwards(),
		has: (one, { award }) => assert.deepEqual([one.id, one.status], [award, 'revoked']),
		refused: { award: 'aw_none' },
		words: /aw_none/,
		status: '404',
	},
	'award note': {
		parameters: { resource: 'award', operation: 'note', award: picked('={{ $json.award }}'), note: '={{ $json.who }} did it' },
		items: () => twoAwards(),
		has: (one, { award, who }) => assert.deepEqual([one.id, one.note], [award, `${who} did it`]),
		refused: { award: 'aw_none', who: '' },
		words: /aw_none/,
		status: '404',
	},
	'award review': {
		parameters: { resource: 'award', operation: 'review', award: picked('={{ $json.award }}'), decision: 'approved', note: 'Seen' },
		items: () => twoAwards('reviewed'),
		has: (one, { award }) => assert.deepEqual([one.id, one.status], [award, 'granted']),
		refused: { award: 'aw_none' },
		words: /aw_none/,
		status: '404',
	},
	'award getAll': {
		parameters: { resource: 'award', operation: 'getAll', returnAll: true, filters: { actor: '={{ $json.who }}', status: '={{ $json.status ?? "granted" }}' } },
		items: () => twoAwards(),
		has: (one, { award }) => assert.equal(one.id, award),
		refused: { who: ana, status: 'lost' },
		words: /granted/,
		status: '422',
	},
	'streak checkIn': {
		parameters: { resource: 'streak', operation: 'checkIn', achievement: picked('={{ $json.key }}'), actor: picked('={{ $json.who }}') },
		items: () => [1, 2].map(() => ({ key: 'tidy', who: fresh('person') })),
		has: (one) => assert.equal(one.outcome, 'counted'),
		refused: { key: 'no-such', who: ana },
		words: /no-such/,
		status: '404',
	},
	'streak freeze': {
		parameters: { resource: 'streak', operation: 'freeze', achievement: picked('={{ $json.key }}'), actor: picked('={{ $json.who }}'), day: '={{ $json.day }}' },
		items: () => [1, 2].map(() => ({ key: 'tidy', who: fresh('person'), day: today })),
		has: (one) => assert.equal(one.achievement, 'tidy'),
		refused: { key: 'tidy', who: ana, day: 'tomorrow' },
		words: /2026-03-02/,
		status: '422',
	},
	'streak get': {
		parameters: { resource: 'streak', operation: 'get', actor: picked('={{ $json.who }}'), filters: { achievement: 'tidy' } },
		items: async () => {
			const people = [fresh('person'), fresh('person')];
			for (const actor of people) await call('POST', '/v1/streaks/tidy/check-ins', { actor });
			return people.map((who) => ({ who }));
		},
		// how long it is depends on the day the test runs
		has: (one) => assert.equal(one.achievement, 'tidy'),
		refused: { who: 'x'.repeat(300) },
		words: /200/,
		status: '422',
	},
	'person getProgress': {
		parameters: { resource: 'person', operation: 'getProgress', actor: picked('={{ $json.who }}') },
		items: async () => {
			const people = [fresh('a/b c'), fresh('ünï ?&#%')];
			for (const id of people) await call('POST', '/v1/actors', { id });
			return people.map((who) => ({ who }));
		},
		has: (one, { who }) => assert.equal(one.holder, who),
		refused: { who: '' },
		words: /The person is blank for this item/,
	},
	'person upsert': {
		parameters: { resource: 'person', operation: 'upsert', actor: picked('={{ $json.who }}'), fields: { name: '={{ $json.who }} Diaz', zone: '={{ $json.zone ?? "Europe/Madrid" }}', segments: '{"region": "north"}' } },
		items: () => [{ who: fresh('a/b c') }, { who: fresh('person') }],
		has: (one, { who }) => assert.deepEqual([one.id, one.zone, one.segments], [who, 'Europe/Madrid', { region: 'north' }]),
		refused: { who: ana, zone: 'Madrid' },
		words: /Madrid/,
		status: '422',
	},
	'person addLeave': {
		parameters: { resource: 'person', operation: 'addLeave', actor: picked('={{ $json.who }}'), firstOn: '={{ $json.day }}' },
		items: async () => {
			const people = [fresh('person'), fresh('person')];
			for (const id of people) await call('POST', '/v1/actors', { id });
			return people.map((who) => ({ who, day: '2026-12-24' }));
		},
		has: (one) => assert.match(JSON.stringify(one), /2026-12-24/),
		refused: { who: ana, day: 'Christmas' },
		words: /Christmas|day/,
		status: '422',
	},
	'achievement getAll': {
		parameters: { resource: 'achievement', operation: 'getAll' },
		items: () => [{}, {}],
		has: (one) => assert.ok(one.key && one.sentence),
	},
	'achievement backtest': {
		parameters: { resource: 'achievement', operation: 'backtest', achievement: picked('={{ $json.key }}') },
		items: () => [{ key: 'clean-close' }, { key: 'first-clean-solve' }],
		has: (one, { key }) => assert.match(JSON.stringify(one), new RegExp(key)),
		refused: { key: 'no such/rule' },
		words: /no such\/rule/,
		status: '404',
	},
	'recipe install': {
		parameters: { resource: 'recipe', operation: 'install', recipe: picked('={{ $json.slug }}'), state: '={{ $json.state ?? "draft" }}' },
		items: () => [{ slug: 'crm-hygiene' }, { slug: 'fulfilment-quality' }],
		has: (one, { slug }) => assert.equal(one.slug, slug),
		refused: { slug: 'no-such' },
		words: /no-such/,
		status: '404',
	},
};

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

for (const [name, { parameters, items, has, refused, words, status }] of Object.entries(OPERATIONS)) {
	test(`${name}: each of two items gets its own answer`, async () => {
		const given = await items();
		const { error, json, links } = await run(parameters, given);
		assert.equal(error, undefined, error && `${error.message} ${error.description}`);
		if (parameters.operation === 'getAll' && parameters.resource === 'achievement') {
			assert.equal(json.length % 2, 0);
			assert.deepEqual([...new Set(links)], [0, 1]);
			return json.forEach(has);
		}
		assert.deepEqual(links, [0, 1]);
		json.forEach((one, place) => has(one, given[place]));
	});

	test(`${name}: a wrong key is said in the server's words`, async () => {
		const { status: ended, error } = await run(parameters, await items(), { credential: 'wrong' });
		assert.equal(ended, 'error');
		assert.equal(error.httpCode, '401');
		assert.match(error.message, /key/i);
		assert.equal(error.context.itemIndex, 0);
	});

	test(`${name}: a server that is down is said`, async () => {
		const { error } = await run(parameters, await items(), { credential: 'dead' });
		assert.match(error.message, /cannot be reached at http:\/\/127.0.0.1:9\. See that it runs, and check the Base URL/);
	});

	if (!refused) continue;
	test(`${name}: what is refused ends the run, in the server's words`, async () => {
		const [good] = await items();
		const { status: ended, error } = await run(parameters, [good, refused]);
		assert.equal(ended, 'error');
		if (status) assert.equal(error.httpCode, status, error.message);
		assert.match(error.message, words);
		assert.equal(error.context.itemIndex, 1);
	});

	test(`${name}: a flow that goes on has one item for the refused one, linked to it`, async () => {
		const [good, other] = await items();
		const settings = { onError: 'continueRegularOutput' };
		const { error, json, links } = await run(parameters, [good, refused, other], settings);
		assert.equal(error, undefined);
		assert.deepEqual(links, [0, 1, 2]);
		has(json[0], good);
		assert.match(json[1].error, words);
		has(json[2], other);
	});

	test(`${name}: with an output for errors each item is on one side`, async () => {
		const [good] = await items();
		const found = await run(parameters, [refused, good], { onError: 'continueErrorOutput' });
		assert.deepEqual([found.json.length, found.refused.length], [1, 1]);
		assert.match(found.refused[0].error, words);
	});
}
