import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { App, appTester, bundleOf, create, failure, keysOf } from './app.js';
import { withReceiver } from './receiver.js';
import { call, eventually } from './server.js';

const operationOf = (key) => App.triggers[key].operation;
const subscribe = (key, targetUrl, inputData) =>
  appTester(operationOf(key).performSubscribe, bundleOf(inputData, { targetUrl }));
const unsubscribe = (key, subscribeData) =>
  appTester(operationOf(key).performUnsubscribe, bundleOf({}, { subscribeData }));
const receive = (key, cleanedRequest) => appTester(operationOf(key).perform, bundleOf({}, { cleanedRequest }));
const list = (key, inputData, meta = {}) => appTester(operationOf(key).performList, bundleOf(inputData, { meta }));
const subscriptions = async () => (await call('GET', '/v1/subscriptions')).items;

/** Subscribe, let something happen, and give what a Zap gets of the call that arrived. */
async function arrive(key, inputData, happen) {
  let results;
  await withReceiver(undefined, async (zap) => {
    const subscription = await subscribe(key, `${zap.url}/hooks`, inputData);
    await happen();
    await eventually(() => zap.arrivals.length > 0);
    await unsubscribe(key, subscription);
    results = await receive(key, JSON.parse(zap.arrivals[0].body));
    assert.equal(zap.arrivals.length, 1);
  });
  return results;
}

/** Compare what arrived with the list a Zap is set up with, and with the sample. */
async function assertTheSame(key, inputData, arrived) {
  const [newest] = await list(key, inputData);
  assert.deepEqual(arrived, [newest]);
  const { sample } = operationOf(key);
  assert.deepEqual(keysOf(arrived[0]), keysOf(sample));
  assert.deepEqual(keysOf(arrived[0].data), keysOf(sample.data));
}

test('an award arrives, as it is listed and as the sample says', async () => {
  const chosen = { achievement: 'useful-article' };
  const arrived = await arrive('achievement_awarded', chosen, () =>
    create('give_award', { ...chosen, actor: 'ana@example.com', note: 'Thanks.' }),
  );
  await assertTheSame('achievement_awarded', chosen, arrived);
  assert.equal(arrived[0].data.holder_name, 'Ana Diaz');
});

test('an award that is taken back arrives, as it is listed and as the sample says', async () => {
  const { id } = await create('give_award', { achievement: 'sla-week', actor: 'ana@example.com' });
  const arrived = await arrive('achievement_revoked', {}, () =>
    create('revoke_award', { award: id, reason: 'It was meant for Ben.' }),
  );
  await assertTheSame('achievement_revoked', {}, arrived);
  assert.equal(arrived[0].data.id, id);
});

test('a review that is needed arrives, as it is listed and as the sample says', async () => {
  const closed = {
    type: 'case.closed',
    actor: 'ana@example.com',
    event_id: 'case-1-closed',
    occurred_at: new Date().toISOString(),
  };
  const arrived = await arrive('review_needed', {}, () => create('record_event', closed));
  await assertTheSame('review_needed', {}, arrived);
  assert.equal(arrived[0].data.reviewer, 'boss@example.com');
});

for (const key of ['streak_at_risk', 'streak_broken', 'digest_ready']) {
  test(`${key}: what time brought is listed as the sample says`, async () => {
    const [newest] = await list(key, {});
    const { sample } = operationOf(key);
    assert.deepEqual(keysOf(newest), keysOf(sample));
    assert.deepEqual(keysOf(newest.data), keysOf(sample.data));
    assert.equal(newest.data.holder_name, 'Mia Sato');
    assert.deepEqual(await receive(key, newest), [newest]);
  });
}

test('news of another achievement does not arrive', async () => {
  const arrived = await arrive('achievement_awarded', { achievement: 'content-customers' }, async () => {
    await create('give_award', { achievement: 'sla-week', actor: 'boss@example.com' });
    await create('give_award', { achievement: 'content-customers', actor: 'boss@example.com' });
  });
  assert.equal(arrived[0].data.achievement, 'content-customers');
});

for (const [key, { operation }] of Object.entries(App.triggers)) {
  test(`${key} gives its sample on as it comes, and nothing else`, async () => {
    const shipped = JSON.parse(
      readFileSync(new URL(`../samples/${operation.sample.type}.json`, import.meta.url), 'utf8'),
    );
    assert.deepEqual(await receive(key, shipped), [operation.sample]);
    assert.deepEqual(await receive(key, { ...shipped, type: 'subscription.test' }), []);
    assert.deepEqual(await receive(key, undefined), []);
  });

  test(`${key} is subscribed and unsubscribed, also twice`, async () => {
    const before = (await subscriptions()).length;
    const subscription = await subscribe(key, 'http://127.0.0.1:9/hooks', {
      achievement: operation.inputFields.length ? 'clean-close' : undefined,
    });
    assert.deepEqual(keysOf(subscription), ['id']);
    const place = (await subscriptions()).find(({ id }) => id === subscription.id);
    assert.deepEqual([place.events, place.audience, place.transport], [[operation.sample.type], 'all', 'webhook']);
    assert.deepEqual(place.achievements, operation.inputFields.length ? ['clean-close'] : []);
    await unsubscribe(key, subscription);
    await unsubscribe(key, subscription);
    assert.equal((await subscriptions()).length, before);
  });

  test(`${key} lists what there is of its kind, a few while a Zap is set up`, async () => {
    const items = await list(key, {}, { isLoadingSample: true });
    assert.ok(items.length <= 3);
    assert.ok(items.every(({ type }) => type === operation.sample.type));
  });
}

test('a subscription that the server never knew is none to remove', async () => {
  assert.deepEqual(await unsubscribe('streak_broken', { id: 'sub_unknown' }), { id: 'sub_unknown' });
});

test('a hook for an achievement that does not exist is refused in words', async () => {
  const said = await failure(
    subscribe('achievement_awarded', 'http://127.0.0.1:9/hooks', { achievement: 'clean-klose' }),
  );
  assert.match(said.message, /clean-klose/);
});
