import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { App, bundleOf, run } from './app.js';
import { call } from './server.js';

const fieldOf = (kind, step, key) => App[kind][step].operation.inputFields.find((field) => field.key === key);
const MOST_PAGES = 10;

const page = (field, meta = {}) => run(field.choices.perform, bundleOf({}, { meta }));

/** Give all choices of a field, page by page. */
async function pages(field) {
  const found = [];
  let token;
  do {
    assert.ok(found.length < MOST_PAGES, 'the pages do not end');
    const { results, paging_token } = await page(field, token ? { paging_token: token } : {});
    found.push(results);
    token = paging_token;
  } while (token);
  return found;
}

describe('dropdowns', () => {
  before(async () => {
    for (let number = 100; number < 160; number += 1)
      await call('PUT', `/v1/actors/p${number}@example.com`, { name: `Person ${number}` });
  });

  test('people come page by page, each once', async () => {
    const found = await pages(fieldOf('creates', 'check_in', 'actor'));
    const ids = found.flat().map(({ id }) => id);
    assert.deepEqual(
      found.slice(0, -1).map((one) => one.length),
      [50],
    );
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.includes('ana@example.com') && ids.includes('p159@example.com'));
    assert.ok(found.flat().some(({ label }) => label === 'Person 100 (p100@example.com)'));
  });

  test('achievements and teams come with their names', async () => {
    const { results, paging_token } = await page(fieldOf('creates', 'give_award', 'achievement'));
    assert.equal(paging_token, null);
    assert.deepEqual(
      results.find(({ id }) => id === 'clean-close'),
      { id: 'clean-close', label: 'Clean Close (clean-close)' },
    );
    assert.deepEqual((await page(fieldOf('creates', 'give_award', 'team'))).results, [
      { id: 'support', label: 'Support (support)' },
    ]);
  });

  test('calendars come by their keys', async () => {
    assert.deepEqual((await page(fieldOf('creates', 'save_person', 'calendar'))).results, [
      { id: 'default', label: 'default' },
    ]);
  });

  test('awards are those that the step can do something about', async () => {
    const { id } = await call('POST', '/v1/awards', { achievement: 'clean-close', actor: 'ana@example.com' });
    const granted = (await pages(fieldOf('creates', 'revoke_award', 'award'))).flat();
    assert.match(granted.find((one) => one.id === id).label, /^Clean Close: ana@example.com, \d{4}-\d\d-\d\d$/);
    const waiting = (await pages(fieldOf('creates', 'review_award', 'award'))).flat();
    assert.ok(!waiting.some((one) => one.id === id));
  });

  test('every field with a dropdown of people or achievements can be filled by a search', () => {
    for (const [key, { operation }] of [...Object.entries(App.creates), ...Object.entries(App.triggers)]) {
      for (const field of operation.inputFields.filter((one) => ['actor', 'achievement'].includes(one.key))) {
        assert.ok(field.choices?.perform && field.search, `${key}.${field.key}`);
      }
    }
  });
});
