import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, create, failure, keysOf } from './app.js';
import { withReceiver } from './receiver.js';
import { call } from './server.js';

const ANA = 'ana@example.com';
const sampleOf = (key) => App.creates[key].operation.sample;
const today = () => new Date().toISOString().slice(0, 10);
const assertLikeSample = (key, answer) => assert.deepEqual(keysOf(answer), keysOf(sampleOf(key)));

const ticket = (number) => ({
  type: 'ticket.solved',
  actor: ANA,
  subject: `ticket-${number}`,
  event_id: `ticket-${number}-solved`,
  occurred_at: new Date(Date.now() - 60_000).toISOString(),
  properties: { within_sla: 'true' },
});

test('an event is recorded, and what it means is answered', async () => {
  const answer = await create('record_event', ticket(1));
  assertLikeSample('record_event', answer);
  assert.deepEqual([answer.event_id, answer.outcome], ['ticket-1-solved', 'counted']);
  assert.equal((await call('GET', '/v1/events/ticket-1-solved')).properties.within_sla, 'true');
});

test('an event that a Zap replays counts once', async () => {
  const told = ticket(2);
  const [first, second] = [await create('record_event', told), await create('record_event', told)];
  assert.deepEqual([first.replayed, second.replayed], [false, true]);
});

test('an event without a key is told from its repetition by the Deduplication Key', async () => {
  const given = { type: 'kb.visited', actor: ANA, deduplication_key: 'Zap 4711 – Größe ✓' };
  const [first, second] = [await create('record_event', given), await create('record_event', given)];
  assert.equal(second.event_id, first.event_id);
  const other = await create('record_event', { ...given, deduplication_key: 'Zap 4712' });
  assert.notEqual(other.event_id, first.event_id);
});

test('a change of the record is a revision', async () => {
  const told = ticket(3);
  await create('record_event', told);
  const answer = await create('record_event', { ...told, properties: { within_sla: 'false' } });
  assert.equal(answer.outcome, 'revised');
});

test('the same Deduplication Key for something else is refused in words', async () => {
  await create('give_award', { achievement: 'useful-article', actor: ANA, deduplication_key: 'once' });
  const said = await failure(
    create('give_award', { achievement: 'useful-article', actor: 'boss@example.com', deduplication_key: 'once' }),
  );
  assert.deepEqual([said.name, said.status], ['AppError', 422]);
});

test('an award is given once for one Deduplication Key', async () => {
  const given = {
    achievement: 'useful-article',
    team: 'support',
    note: 'For all of you.',
    points: 3,
    deduplication_key: 'deal-7',
  };
  const [first, second] = [await create('give_award', given), await create('give_award', given)];
  assertLikeSample('give_award', first);
  assert.deepEqual(second, first);
  assert.deepEqual([first.team, first.actor, first.points], ['support', null, 3]);
});

test('an award is revoked with its reason', async () => {
  const { id } = await create('give_award', { achievement: 'clean-close', actor: ANA });
  const answer = await create('revoke_award', { award: id, reason: 'It was given twice.' });
  assertLikeSample('revoke_award', answer);
  assert.deepEqual([answer.status, answer.reason], ['revoked', 'It was given twice.']);
});

test('an award that waits is decided by a person', async () => {
  await create('record_event', {
    type: 'case.closed',
    actor: ANA,
    event_id: 'case-2-closed',
    occurred_at: new Date().toISOString(),
  });
  const waiting = (await call('GET', '/v1/awards?achievement=checked-case&status=in_review')).items[0];
  const own = await failure(create('review_award', { award: waiting.id, decision: 'approved', by: ANA }));
  assert.ok([403, 409, 422].includes(own.status), JSON.stringify(own));
  const answer = await create('review_award', {
    award: waiting.id,
    decision: 'approved',
    by: 'boss@example.com',
    note: 'Well documented.',
  });
  assertLikeSample('review_award', answer);
  assert.deepEqual([answer.status, answer.decided_by], ['granted', 'boss@example.com']);
});

test('a person checks in to a streak', async () => {
  const answer = await create('check_in', { achievement: 'queue-check', actor: ANA, deduplication_key: 'today' });
  assertLikeSample('check_in', answer);
  assert.deepEqual([answer.achievement, answer.outcome], ['queue-check', 'counted']);
});

test('a day of a streak is frozen', async () => {
  const answer = await create('freeze_day', {
    achievement: 'queue-check',
    actor: ANA,
    day: today(),
    note: 'Training.',
  });
  assertLikeSample('freeze_day', answer);
  assert.equal(answer.day, today());
});

test('a person is created, and only what is filled in changes', async () => {
  const made = await create('save_person', {
    actor: 'ben@example.com',
    name: 'Ben Ok',
    team: 'support',
    segments: { band: 'a' },
    aliases: { zendesk: '77' },
  });
  assertLikeSample('save_person', made);
  const changed = await create('save_person', { actor: 'ben@example.com', name: '', role: 'agent', segments: {} });
  assert.deepEqual([changed.name, changed.role, changed.aliases], ['Ben Ok', 'agent', { zendesk: '77' }]);
});

test('leave is added, and adding it again changes nothing', async () => {
  const leave = { actor: 'boss@example.com', first_on: '2030-08-01', last_on: '2030-08-14' };
  await create('add_leave', leave);
  const answer = await create('add_leave', leave);
  assertLikeSample('add_leave', answer);
  assert.deepEqual(answer.leave, [{ first_on: '2030-08-01', last_on: '2030-08-14' }]);
});

test('names with strange characters stay one part of the address', async () => {
  const actor = 'sales/ana?x=1#2 %2F Ü';
  assert.equal((await create('save_person', { actor, name: 'Ana' })).id, actor);
  for (const nowhere of ['', ' ', '.', '..']) {
    const said = await failure(create('save_person', { actor: nowhere }));
    assert.equal(said.message, 'Person is needed.');
  }
});

test('every step that writes sends its Deduplication Key', async () => {
  const awarded = { award: 'aw_1', achievement: 'a', actor: ANA };
  await withReceiver(undefined, async ({ url, arrivals }) => {
    for (const key of Object.keys(App.creates)) {
      await create(
        key,
        { ...awarded, deduplication_key: ' deal-7 ' },
        { authData: { server_address: url, api_key: 'mp_test' } },
      ).catch(() => {});
    }
    assert.equal(arrivals.length, 8);
    for (const { headers } of arrivals) assert.equal(headers['idempotency-key'], 'deal-7');
  });
});
