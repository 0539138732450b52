import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, keysOf, search } from './app.js';
import { call } from './server.js';

const assertLikeSample = (key, found) => assert.deepEqual(keysOf(found), keysOf(App.searches[key].operation.sample));

test('how far a person is stands there for each achievement', async () => {
  const [found] = await search('find_progress', { actor: 'ana@example.com' });
  assertLikeSample('find_progress', found);
  assert.ok(found.progress.length > 5);
});

test('it stands there for one achievement alone', async () => {
  const [found] = await search('find_progress', { actor: 'ana@example.com', achievement: 'queue-check' });
  assert.deepEqual(
    found.progress.map(({ achievement }) => achievement),
    ['queue-check'],
  );
  assert.ok(found.streaks.every(({ achievement }) => achievement === 'queue-check'));
  assert.deepEqual(await search('find_progress', { actor: 'ana@example.com', achievement: 'nothing' }), []);
});

test('an achievement is found with its sentence', async () => {
  const [found] = await search('find_achievement', { achievement: 'clean-close' });
  assertLikeSample('find_achievement', found);
  assert.match(found.sentence, /5 solved tickets/);
});

test('what the server does not know is not found', async () => {
  assert.deepEqual(await search('find_achievement', { achievement: 'no-such-thing' }), []);
  assert.deepEqual(await search('find_person', { text: 'nobody-by-that-name' }), []);
  assert.deepEqual(await search('find_person', { text: ' ' }), []);
});

test('a person is found by a part of the name, and one who is meant exactly comes first', async () => {
  for (const [actor, name] of [
    ['a.miller@example.com', 'Miller Senior'],
    ['miller@example.com', 'Eve Miller'],
  ]) {
    await call('PUT', `/v1/actors/${actor}`, { name });
  }
  const ids = async (text) => (await search('find_person', { text })).map(({ id }) => id);
  assert.deepEqual(await ids('Miller'), ['a.miller@example.com', 'miller@example.com']);
  assert.deepEqual(await ids('Miller@Example.com'), ['miller@example.com', 'a.miller@example.com']);
  assertLikeSample('find_person', (await search('find_person', { text: 'eve' }))[0]);
});
