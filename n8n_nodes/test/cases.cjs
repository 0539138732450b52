// Each operation of the node: how it is called for an item, what it then answers, and what the server refuses.
'use strict';
const assert = require('node:assert/strict');
const { call, fresh, payload, picked, SYSTEMS } = require('./milepost.cjs');

const today = new Date().toISOString().slice(0, 10);
const solved = { type: '={{ $json.type ?? "ticket.solved" }}', occurredAt: '={{ $json.at }}', actor: '={{ $json.who }}', subject: '={{ $json.ticket }}', eventId: '={{ $json.ticket }}-solved', properties: '{"within_sla": true}' };
const ana = 'ana@example.com';
/** So that a backtest has little to look at. */
const noon = () => `${today}T12:00:00Z`;

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
 * have, and items that are refused, each with a status and words.
 */
const OPERATIONS = {
	'event evaluate': {
		parameters: { resource: 'event', operation: 'evaluate', ...solved },
		items: () => [1, 2].map(() => ({ who: fresh('person'), ticket: fresh('t') })),
		has: (one, { ticket }) => assert.equal(one.event_id, `${ticket}-solved`),
		refused: [
			{ item: { who: '', ticket: '' }, status: 422, words: /Give an \*actor\*/ },
			{ item: { who: ana, ticket: fresh('t'), type: 'Solved!' }, status: 422, words: /words joined by dots/ },
			{ item: { who: ana, ticket: fresh('t'), at: 'noon' }, status: 422, words: /occurred_at/ },
		],
	},
	'event evaluateMany': {
		parameters: { resource: 'event', operation: 'evaluateMany', ...solved },
		items: () => [1, 2].map(() => ({ who: fresh('person'), ticket: fresh('t') })),
		has: (one, { ticket }) => assert.equal(one.event_id, `${ticket}-solved`),
		refused: [
			{ item: { who: 'x'.repeat(300), ticket: 't' }, status: 422, words: /actor/ },
			{ item: { who: '', ticket: '' }, status: 422, words: /Give an \*actor\*/ },
			{ item: { who: ana, ticket: fresh('t'), type: 'Solved!' }, status: 422, words: /words joined by dots/ },
		],
	},
	'event evaluatePayload': {
		parameters: { resource: 'event', operation: 'evaluatePayload', source: '={{ $json.source }}', payload: '={{ $json.payload }}' },
		items: () => [1, 2].map(() => payload('zendesk', 'solved', fresh('51'))),
		has: (one, { payload }) => assert.equal(one.event_id, `zendesk-${payload.detail.id}-solved`),
		refused: [
			{ item: { source: 'no such/source', payload: {} }, status: 404, words: /no such\/source/ },
			{ item: { source: 'zendesk', payload: SYSTEMS.zendesk.cases.broken.payload }, status: 422, words: /no value for occurred_at/ },
			{ item: { source: '', payload: {} }, status: 422, words: /The source is blank for this item/ },
		],
	},
	'event void': {
		parameters: { resource: 'event', operation: 'void', eventId: '={{ $json.id }}' },
		items: async () => {
			const ids = [fresh('void/of a'), fresh('void of/b')];
			for (const id of ids) await call('POST', '/v1/evaluate', { id, type: 'ticket.solved', actor: ana });
			return ids.map((id) => ({ id }));
		},
		has: (one, { id }) => assert.equal(one.event_id, id),
		refused: [
			{ item: { id: 'no such/event' }, status: 404, words: /no such\/event/ },
			{ item: { id: '' }, status: 422, words: /The event ID is blank for this item/ },
		],
	},
	'award give': {
		parameters: { resource: 'award', operation: 'give', achievement: picked('={{ $json.key }}'), actor: picked('={{ $json.who }}'), note: 'Well done' },
		items: () => [1, 2].map(() => ({ key: 'clean-close', who: fresh('person') })),
		has: (one, { who }) => assert.deepEqual([one.actor, one.status], [who, 'granted']),
		refused: [
			{ item: { key: 'no-such', who: ana }, status: 404, words: /no-such/ },
			{ item: { key: 'clean-close', who: 'x'.repeat(300) }, status: 422, words: /200/ },
			{ item: { key: 'clean-close', who: '' }, status: 422, words: /actor/ },
		],
	},
	'award revoke': {
		parameters: { resource: 'award', operation: 'revoke', award: picked('={{ $json.award }}'), reason: 'Given to the wrong person' },
		items: () => twoAwards(),
		has: (one, { award }) => assert.deepEqual([one.id, one.status], [award, 'revoked']),
		refused: [
			{ item: { award: 'aw_none' }, status: 404, words: /aw_none/ },
			{ item: { award: '' }, status: 422, words: /The award is blank for this item/ },
		],
	},
	'award note': {
		parameters: { resource: 'award', operation: 'note', award: picked('={{ $json.award }}'), note: '={{ $json.who }} did it' },
		items: () => twoAwards(),
		has: (one, { award, who }) => assert.deepEqual([one.id, one.note], [award, `${who} did it`]),
		refused: [
			{ item: { award: 'aw_none', who: '' }, status: 404, words: /aw_none/ },
			{ item: { award: '' }, status: 422, words: /The award is blank for this item/ },
		],
	},
	'award review': {
		parameters: { resource: 'award', operation: 'review', award: picked('={{ $json.award }}'), decision: 'approved', note: 'Seen' },
		items: () => twoAwards('reviewed'),
		has: (one, { award }) => assert.deepEqual([one.id, one.status], [award, 'granted']),
		refused: [
			{ item: { award: 'aw_none' }, status: 404, words: /aw_none/ },
			{ item: { award: '' }, status: 422, words: /The award is blank for this item/ },
		],
	},
	'award getAll': {
		parameters: { resource: 'award', operation: 'getAll', returnAll: true, filters: { actor: '={{ $json.who }}', status: '={{ $json.status ?? "granted" }}' } },
		items: () => twoAwards(),
		has: (one, { award }) => assert.equal(one.id, award),
		refused: [
			{ item: { who: ana, status: 'lost' }, status: 422, words: /granted/ },
		],
	},
	'streak checkIn': {
		parameters: { resource: 'streak', operation: 'checkIn', achievement: picked('={{ $json.key }}'), actor: picked('={{ $json.who }}') },
		items: () => [1, 2].map(() => ({ key: 'tidy', who: fresh('person') })),
		has: (one) => assert.equal(one.outcome, 'counted'),
		refused: [
			{ item: { key: 'no-such', who: ana }, status: 404, words: /no-such/ },
			{ item: { key: 'tidy', who: 'x'.repeat(300) }, status: 422, words: /200/ },
			{ item: { key: '', who: ana }, status: 422, words: /The achievement is blank for this item/ },
		],
	},
	'streak freeze': {
		parameters: { resource: 'streak', operation: 'freeze', achievement: picked('={{ $json.key }}'), actor: picked('={{ $json.who }}'), day: '={{ $json.day }}' },
		items: () => [1, 2].map(() => ({ key: 'tidy', who: fresh('person'), day: today })),
		has: (one) => assert.equal(one.achievement, 'tidy'),
		refused: [
			{ item: { key: 'tidy', who: ana, day: 'tomorrow' }, status: 422, words: /2026-03-02/ },
			{ item: { key: 'no-such', who: ana, day: today }, status: 404, words: /no-such/ },
		],
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
		refused: [
			{ item: { who: 'x'.repeat(300) }, status: 422, words: /200/ },
		],
	},
	'person getProgress': {
		parameters: { resource: 'person', operation: 'getProgress', actor: picked('={{ $json.who }}') },
		items: async () => {
			const people = [fresh('a/b c'), fresh('ünï ?&#%')];
			for (const id of people) await call('POST', '/v1/actors', { id });
			return people.map((who) => ({ who }));
		},
		has: (one, { who }) => assert.equal(one.holder, who),
		refused: [
			{ item: { who: '' }, status: 422, words: /The person is blank for this item/ },
		],
	},
	'person upsert': {
		parameters: { resource: 'person', operation: 'upsert', actor: picked('={{ $json.who }}'), fields: { name: '={{ $json.who }} Diaz', zone: '={{ $json.zone ?? "Europe/Madrid" }}', segments: '{"region": "north"}' } },
		items: () => [{ who: fresh('a/b c') }, { who: fresh('person') }],
		has: (one, { who }) => assert.deepEqual([one.id, one.zone, one.segments], [who, 'Europe/Madrid', { region: 'north' }]),
		refused: [
			{ item: { who: ana, zone: 'Madrid' }, status: 422, words: /Madrid/ },
			{ item: { who: '' }, status: 422, words: /The person is blank for this item/ },
		],
	},
	'person addLeave': {
		parameters: { resource: 'person', operation: 'addLeave', actor: picked('={{ $json.who }}'), firstOn: '={{ $json.day }}' },
		items: async () => {
			const people = [fresh('person'), fresh('person')];
			for (const id of people) await call('POST', '/v1/actors', { id });
			return people.map((who) => ({ who, day: '2026-12-24' }));
		},
		has: (one) => assert.match(JSON.stringify(one), /2026-12-24/),
		refused: [
			{ item: { who: ana, day: 'Christmas' }, status: 422, words: /Christmas|day/ },
			{ item: { who: 'nobody/at all', day: '2026-12-24' }, status: 404, words: /nobody\/at all/ },
		],
	},
	'achievement getAll': {
		parameters: { resource: 'achievement', operation: 'getAll' },
		items: () => [{}, {}],
		has: (one) => assert.ok(one.key && one.sentence),
	},
	'achievement backtest': {
		parameters: { resource: 'achievement', operation: 'backtest', achievement: picked('={{ $json.key }}'), since: '={{ $json.since }}' },
		items: () => ['clean-close', 'first-clean-solve'].map((key) => ({ key, since: noon() })),
		has: (one, { key }) => assert.match(JSON.stringify(one), new RegExp(key)),
		refused: [
			{ item: { key: 'no such/rule' }, status: 404, words: /no such\/rule/ },
			{ item: { key: 'clean-close', since: 'yesterday' }, status: 422, words: /since/ },
		],
	},
	'recipe install': {
		parameters: { resource: 'recipe', operation: 'install', recipe: picked('={{ $json.slug }}'), state: '={{ $json.state ?? "draft" }}' },
		items: () => [{ slug: 'crm-hygiene' }, { slug: 'fulfilment-quality' }],
		has: (one, { slug }) => assert.equal(one.slug, slug),
		refused: [
			{ item: { slug: 'no-such' }, status: 404, words: /no-such/ },
			{ item: { slug: '' }, status: 422, words: /The recipe is blank for this item/ },
		],
	},
};

module.exports = { ana, OPERATIONS };
