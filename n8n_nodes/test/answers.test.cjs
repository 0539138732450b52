// What flows rely on beyond the single operation: order, batches, pages, repeated runs, odd values, dropdowns.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const { call, CREDENTIALS, flow, fresh, opened, picked, run } = require('./milepost.cjs');

const evaluate = { resource: 'event', operation: 'evaluate', type: 'ticket.solved', properties: '={{ $json.properties ?? {} }}' };
const told = { ...evaluate, actor: '={{ $json.actor }}', subject: '={{ $json.subject }}', eventId: '={{ $json.id }}', occurredAt: '={{ $json.at }}' };
const noon = (day) => new Date(Date.now() - day * 86_400_000).toISOString();

test.before(async () => await call('POST', '/v1/recipes/helpdesk-sla/install', { state: 'live' }));

test('unlocked is true only for the item that earned something', async () => {
	await call('POST', '/v1/achievements', { key: 'two', name: 'Two', purpose: 'Shown here', category: 'volume', criterion: { kind: 'count', target: 2, of: { type: 'call.made' } }, state: 'live' });
	const actor = fresh('person');
	const { json } = await run({ ...told, type: 'call.made' }, [1, 2, 3].map((n) => ({ actor, id: `${actor}-${n}` })));
	assert.deepEqual(json.map(({ unlocked }) => unlocked), [false, true, false]);
	assert.equal(json[1].unlocked_names, 'Two');
});

test('the same run again counts nothing twice', async () => {
	const item = { actor: fresh('person'), subject: 't', id: fresh('e') };
	assert.equal((await run(told, [item])).json[0].replayed, false);
	assert.equal((await run(told, [item])).json[0].replayed, true);
});

test('many states of one record in one run are told in their order', async () => {
	const [id, actor] = [fresh('e'), fresh('person')];
	const states = Array.from({ length: 20 }, (_, n) => ({ actor, id, properties: { state: n } }));
	const { error } = await run(told, states);
	assert.equal(error, undefined, error?.message);
	assert.equal((await call('GET', `/v1/events/${id}`)).properties.state, 19);
});

test('numbers, dates and blanks in fields become what the server reads', async () => {
	const item = { actor: fresh('person'), subject: 4711, id: '', at: noon(1) };
	const { error, json } = await run({ ...told, occurredAt: '={{ new Date($json.at) }}' }, [item]);
	assert.equal(error, undefined, error?.message);
	const event = await call('GET', `/v1/events/${json[0].event_id}`);
	assert.deepEqual([event.subject, new Date(event.occurred_at).toISOString()], ['4711', item.at]);
});

test('properties that are no JSON object are refused, and never left out', async () => {
	for (const operation of ['evaluate', 'evaluateMany']) {
		for (const properties of ['{broken', '[1]', '="text"', '={{ 5 }}']) {
			const { error } = await run({ ...told, operation, properties }, [{ actor: 'ana@example.com', id: fresh('e') }]);
			assert.equal(error?.message, 'Properties is not a JSON object', `${operation} ${properties}`);
		}
	}
	const { error } = await run({ resource: 'person', operation: 'upsert', actor: picked('ana@example.com'), fields: { segments: '{broken' } });
	assert.equal(error.message, 'Segments is not a JSON object');
});

test('a dry run keeps nothing', async () => {
	const id = fresh('e');
	const { json } = await run({ ...told, additionalFields: { dryRun: true } }, [{ actor: 'ana@example.com', id }]);
	assert.equal(json[0].event_id, id);
	assert.equal((await call('GET', `/v1/events/${id}`)).status, 404);
});

test('a batch is as few calls as possible, and each of 1,201 items gets its own answer', async () => {
	const items = Array.from({ length: 1201 }, (_, n) => ({ actor: fresh('person'), id: fresh(`b${n}`) }));
	items[700].actor = '';
	const { json, links } = await run({ ...told, operation: 'evaluateMany' }, items, { onError: 'continueRegularOutput' });
	assert.deepEqual(links, items.map((_, n) => n));
	assert.match(json[700].error, /Give an \*actor\*/);
	assert.deepEqual(json.filter(({ event_id }, n) => event_id !== items[n].id && n !== 700), []);
});

test('no items make no call', async () => {
	const { error, json } = await run({ ...told, operation: 'evaluateMany' }, [], { credential: 'dead' });
	assert.deepEqual([error, json], [undefined, []]);
});

test('the same idempotency key gives one award', async () => {
	const parameters = { resource: 'award', operation: 'give', achievement: picked('clean-close'), actor: picked(fresh('person')), additionalFields: { idempotencyKey: fresh('key'), points: 7 } };
	const [once, again] = [await run(parameters), await run(parameters)];
	assert.equal(once.json[0].points, 7);
	assert.deepEqual(again.json, once.json);
	const changed = await run({ ...parameters, note: 'another' });
	assert.equal(changed.error.httpCode, '422');
});

test('a list is given whole, page after page, or up to its limit', async () => {
	const actor = fresh('person');
	await Promise.all(Array.from({ length: 205 }, async () => await call('POST', '/v1/awards', { achievement: 'clean-close', actor, id: fresh('aw') })));
	const list = { resource: 'award', operation: 'getAll', filters: { actor } };
	assert.equal((await run({ ...list, returnAll: true })).json.length, 205);
	assert.equal((await run({ ...list, returnAll: false, limit: 3 })).json.length, 3);
	assert.equal((await run({ ...list, returnAll: false })).json.length, 50);
	const nobody = await run({ ...list, returnAll: true, filters: { actor: fresh('nobody') } });
	assert.deepEqual([nobody.error, nobody.json], [undefined, []]);
});

test('lists of unequal length stay linked to the items that asked', async () => {
	const [none, two] = [fresh('person'), fresh('person')];
	for (const id of [fresh('aw'), fresh('aw')]) await call('POST', '/v1/awards', { achievement: 'clean-close', actor: two, id });
	const list = { resource: 'award', operation: 'getAll', returnAll: true, filters: { actor: '={{ $json.who }}' } };
	assert.deepEqual((await run(list, [{ who: none }, { who: two }])).links, [1, 1]);
});

test('a person or award that an expression leaves blank is refused before it names another', async () => {
	for (const parameters of [
		{ resource: 'person', operation: 'upsert', actor: picked('={{ $json.nothing }}'), fields: { name: 'X' } },
		{ resource: 'award', operation: 'revoke', award: picked('={{ $json.nothing }}'), reason: 'x' },
		{ resource: 'event', operation: 'void', eventId: '={{ $json.nothing }}' },
		{ resource: 'event', operation: 'void', eventId: '..' },
	]) {
		const { error } = await run(parameters);
		assert.match(error.message, /is blank for this item, or is no ID/);
	}
	assert.deepEqual((await call('GET', '/v1/actors?search=undefined')).items, []);
});

test('a wrong address is said with what to do', async () => {
	const of = async (credential) => (await run(told, [{ actor: 'ana@example.com' }], { credential })).error.message;
	assert.match(await of('garbled'), /cannot be reached at milepost\. .*check the Base URL/);
	assert.match(await of('dead'), /See that it runs/);
});

test('an address with /v1 at its end works', async () => {
	const { error } = await run({ resource: 'achievement', operation: 'getAll' }, [{}], { credential: 'deep' });
	assert.equal(error, undefined, error?.message);
});

test('a key without the scope is told which one it needs', async () => {
	const { error } = await run(told, [{ actor: 'ana@example.com' }], { credential: 'reader' });
	assert.equal(error.httpCode, '403');
	assert.match(error.message, /evaluate/);
});

test('an id told again with another type is refused with the fix', async () => {
	const id = fresh('e');
	await run(told, [{ actor: 'ana@example.com', id }]);
	const { error } = await run({ ...told, type: 'ticket.rated' }, [{ actor: 'ana@example.com', id }]);
	assert.equal(error.httpCode, '409');
});

test('every place that needs a correction is named', async () => {
	const broken = [{ ...told, type: 'Bad!' }, [{ actor: 'x'.repeat(300) }]];
	const { error } = await run(...broken);
	assert.match(error.description, /\/type: .*\/actor: |\/actor: .*\/type: /);
	const { json } = await run(...broken, { onError: 'continueRegularOutput' });
	assert.match(json[0].details, /\/actor: /);
});

test('dropdowns show what the server has, filtered', async () => {
	const search = async (...asked) => await (await opened()).search(flow(evaluate), ...asked);
	const found = (await search('searchAchievements', 'CLEAN-C')).results;
	assert.deepEqual(found, [{ name: 'Clean Close', value: 'clean-close' }]);
	assert.ok((await search('searchAchievements')).results.length > 2);
	assert.deepEqual((await search('searchAchievements', 'no such')).results, []);
	assert.deepEqual((await search('searchRecipes', 'help')).results, [{ name: 'Helpdesk SLA', value: 'helpdesk-sla' }]);
	const who = fresh('person');
	await call('POST', '/v1/awards', { achievement: 'clean-close', actor: who });
	assert.match((await search('searchAwards', who)).results[0].name, new RegExp(`Clean Close: ${who}, 20`));
});

test('the dropdown of people turns its pages', async () => {
	const word = fresh('pager');
	await Promise.all(Array.from({ length: 60 }, async (_, n) => await call('POST', '/v1/actors', { id: `${word}-${n}`, name: `N ${n}` })));
	const search = async (after) => await (await opened()).search(flow(evaluate), 'searchPeople', word, after);
	const first = await search();
	const second = await search(first.paginationToken);
	assert.equal(new Set([...first.results, ...second.results].map(({ value }) => value)).size, 60);
	assert.equal(second.paginationToken, undefined);
	assert.match(first.results[0].name, /^N \d+ \(pager/);
});

test('a dropdown with a wrong key says so', async () => {
	const search = (await opened()).search(flow(evaluate, { credential: 'wrong' }), 'searchPeople');
	await assert.rejects(search, { httpCode: '401' });
});

test('the test of a credential asks an address that needs the key', async () => {
	const engine = await opened();
	const { type } = engine.credentialTypes.milepostApi;
	const { baseURL, url } = type.test.request;
	assert.equal(url, '/v1/me');
	const { evaluated } = require('./engine.cjs');
	const workflow = engine.workflow(flow(evaluate));
	const ask = async (values) => {
		const read = (text) => evaluated(workflow, workflow.getNode('Milepost'), text, values);
		const headers = { Authorization: read(type.authenticate.properties.headers.Authorization) };
		return (await fetch(read(baseURL) + url, { headers })).status;
	};
	assert.equal(await ask(CREDENTIALS.good), 200);
	assert.equal(await ask(CREDENTIALS.deep), 200);
	assert.equal(await ask(CREDENTIALS.wrong), 401);
});

test('the test of a credential says what to do, whatever the server answers', async () => {
	const { rules, request } = (await opened()).credentialTypes.milepostApi.type.test;
	assert.equal(request.disableFollowRedirect, true);
	const codes = rules.filter(({ type }) => type === 'responseCode').map(({ properties }) => properties);
	const wanted = {
		300: /moved/, 301: /moved/, 302: /moved/, 303: /moved/, 307: /moved/, 308: /https:\/\/ in place of http:\/\//,
		400: /https:\/\/ or http:\/\//, 401: /Copy it whole, or make a new one/, 403: /before Milepost/, 404: /no Milepost at this address/, 405: /no Milepost/,
		429: /Wait/, 500: /log/, 502: /See that it runs/, 503: /See that it runs/, 504: /See that it runs/, 521: /See that it runs/,
	};
	for (const [status, words] of Object.entries(wanted)) assert.match(codes.find(({ value }) => value === Number(status))?.message ?? '', words, status);
	assert.equal(new Set(codes.map(({ value }) => value)).size, codes.length, 'one sentence for each status');
	const body = rules.find(({ type }) => type === 'responseSuccessBody').properties;
	assert.ok(body.key in (await call('GET', '/v1/me')), 'what tells Milepost from another program');
});
