import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appTester, bundleOf, create, failure, run, search } from './app.js';
import { receiver, withReceiver } from './receiver.js';
import { call, milepost } from './server.js';

const EVENT = {
  type: 'ticket.solved',
  actor: 'ana@example.com',
  event_id: 'failing-1',
  occurred_at: '2026-03-02T10:00:00Z',
};
const HTML = { 'Content-Type': 'text/html' };
const PROBLEM = { 'Content-Type': 'application/problem+json' };
const problem = (status, kind, detail) => JSON.stringify({ type: `/docs/errors#${kind}`, title: kind, status, detail });

/** What recording an event says where the server answers so. */
async function saidOf(answer) {
  let said;
  await withReceiver(
    () => answer,
    async ({ url }) => {
      said = await failure(create('record_event', EVENT, { authData: { server_address: url, api_key: 'mp_test' } }));
    },
  );
  return said;
}

test('404: the server says what there is not', async () => {
  const said = await failure(create('revoke_award', { award: 'aw_nothing', reason: 'A mistake.' }));
  assert.deepEqual([said.name, said.status, said.code], ['AppError', 404, 'not-found']);
  assert.match(said.message, /aw_nothing/);
});

test('409: the server says what does not go together', async () => {
  await call('POST', '/v1/evaluate', {
    id: 'failing-2',
    type: 'ticket.solved',
    actor: 'ana@example.com',
    subject: 'ticket-1',
  });
  const said = await failure(create('record_event', { ...EVENT, event_id: 'failing-2', subject: 'ticket-2' }));
  assert.deepEqual([said.name, said.status, said.code], ['AppError', 409, 'event-conflict']);
  assert.match(said.message, /failing-2/);
});

test('422: the server says what to correct, and where', async () => {
  const said = await failure(
    create('save_person', {
      actor: 'ben@example.com',
      zone: 'Europe/Madird',
      team: 'nobody',
      calendar: 'x'.repeat(300),
    }),
  );
  assert.deepEqual([said.name, said.status, said.code], ['AppError', 422, 'invalid']);
  assert.match(said.message, /Europe\/Madrid/);
  assert.match(said.message, /\/calendar/);
});

test('429: Zapier waits as long as it is asked to', async () => {
  const said = await saidOf({ status: 429, headers: { ...HTML, 'Retry-After': '7' }, body: 'Slow down.' });
  assert.deepEqual([said.name, said.delay], ['ThrottledError', 7]);
});

test('503 with Retry-After: Zapier tries again later, with the words of the server', async () => {
  const detail = 'The store is busy.';
  const said = await saidOf({
    status: 503,
    headers: { ...PROBLEM, 'Retry-After': '5' },
    body: problem(503, 'store-unavailable', detail),
  });
  assert.deepEqual([said.name, said.delay, said.message], ['ThrottledError', 5, detail]);
});

test('503 with a date, from a proxy: Zapier tries again then', async () => {
  const date = new Date(Date.now() + 60_000).toUTCString();
  const said = await saidOf({ status: 503, headers: { ...HTML, 'Retry-After': date }, body: '<h1>Back soon</h1>' });
  assert.equal(said.name, 'ThrottledError');
  assert.ok(said.delay > 50 && said.delay <= 61);
});

test('409 while the same call is being answered: Zapier tries again later', async () => {
  const said = await saidOf({
    status: 409,
    headers: { ...PROBLEM, 'Retry-After': '1' },
    body: problem(409, 'still-answering', 'Wait.'),
  });
  assert.deepEqual([said.name, said.delay], ['ThrottledError', 1]);
});

test('500: the words of the server', async () => {
  const said = await saidOf({
    status: 500,
    headers: PROBLEM,
    body: problem(500, 'broken', 'Tell whoever maintains it: K7P2.'),
  });
  assert.deepEqual([said.name, said.status, said.message], ['AppError', 500, 'Tell whoever maintains it: K7P2.']);
});

const STRANGE = {
  'a page instead of an answer': { headers: HTML, body: '<html>Sign in</html>' },
  'JSON that is no object': { body: '["a"]' },
  '401 of a proxy': { status: 401, headers: HTML, body: '<h1>401</h1>' },
  '401 of a proxy that answers JSON': { status: 401, body: '{"message": "no"}' },
  '401 as a problem of somebody else': {
    status: 401,
    headers: PROBLEM,
    body: '{"type": "about:blank", "title": "No", "status": 401}',
  },
  '404 of a proxy': { status: 404, headers: HTML, body: '<h1>404</h1>' },
  '502 of a proxy': { status: 502, headers: HTML, body: '<h1>502</h1>' },
};
for (const [name, answer] of Object.entries(STRANGE)) {
  test(`${name}: check the address, and stay connected`, async () => {
    const said = await saidOf(answer);
    assert.deepEqual([said.name, said.code], ['AppError', 'NotMilepost']);
    assert.match(said.message, /Check the server address of the connection/);
  });
}

test('a search does not take the 404 of a proxy for nothing found', async () => {
  await withReceiver(
    () => ({ status: 404, headers: HTML, body: '<h1>404</h1>' }),
    async ({ url }) => {
      const said = await failure(
        search(
          'find_achievement',
          { achievement: 'clean-close' },
          { authData: { server_address: url, api_key: 'mp_test' } },
        ),
      );
      assert.equal(said.code, 'NotMilepost');
    },
  );
});

test('a server that is not there fails as a failure of the network', async () => {
  const gone = await receiver();
  await gone.close();
  const said = await failure(
    create('record_event', EVENT, { authData: { server_address: gone.url, api_key: 'mp_test' } }),
  );
  assert.match(said.message, /ECONNREFUSED/);
});

test('the key goes to the server of the connection', async () => {
  await withReceiver(undefined, async ({ url, arrivals }) => {
    await create(
      'add_leave',
      { actor: 'ana', first_on: '2030-01-01' },
      { authData: { server_address: `${url}/milepost/`, api_key: 'mp_test' } },
    );
    assert.deepEqual(
      [arrivals[0].url, arrivals[0].headers.authorization],
      ['/milepost/v1/actors/ana/leave', 'Bearer mp_test'],
    );
  });
});

test('the key never goes to another address', async () => {
  await withReceiver(undefined, async ({ url, arrivals }) => {
    await run((z) => z.request({ url: `${url}/elsewhere` }), bundleOf());
    assert.equal(arrivals.length, 1);
    assert.equal(JSON.stringify(arrivals).includes(milepost.key), false);
    assert.equal('authorization' in arrivals[0].headers, false);
  });
});

test('the key never follows a redirect', async () => {
  await withReceiver(undefined, async (elsewhere) => {
    for (const status of [301, 302, 307, 308]) {
      const said = await saidOf({ status, headers: { Location: `${elsewhere.url}/v1/evaluate` }, body: '' });
      assert.match(said.message, /has moved to http:.*Check the server address/);
    }
    assert.equal(elsewhere.arrivals.length, 0);
  });
});

test('an address that begins with two slashes stays on the server', async () => {
  await withReceiver(undefined, async (elsewhere) => {
    const { host } = new URL(elsewhere.url);
    const said = await failure(appTester((z) => z.request({ url: `//${host}/v1/me` }), bundleOf()));
    assert.equal(said.name, 'AppError');
    assert.equal(elsewhere.arrivals.length, 0);
  });
});
