import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, connect, create, failure } from './app.js';
import { withReceiver } from './receiver.js';
import { call, milepost } from './server.js';

test('a good key connects, and the connection is named by key and server', async () => {
  const made = await connect({ server_address: `${milepost.url}/`, api_key: milepost.key });
  assert.deepEqual(made.scopes, ['admin']);
  const label = App.authentication.connectionLabel.replace(/\{\{(\w+)\}\}/g, (_, name) => made[name]);
  assert.equal(label, `${made.name} (${new URL(milepost.url).host})`);
  assert.ok(!label.includes(milepost.key));
});

test('a key that is wrong asks to connect again', async () => {
  const said = await failure(connect({ server_address: milepost.url, api_key: 'mp_wrong' }));
  assert.equal(said.name, 'ExpiredAuthError');
  assert.match(said.message, /key/i);
});

test('a key that was revoked asks to connect again', async () => {
  const { id, secret } = await call('POST', '/v1/keys', { name: 'Old', scopes: ['read'] });
  await call('DELETE', `/v1/keys/${id}`);
  const said = await failure(connect({ server_address: milepost.url, api_key: secret }));
  assert.equal(said.name, 'ExpiredAuthError');
});

test('a key without the scope gets the words of the server, and stays connected', async () => {
  const { secret } = await call('POST', '/v1/keys', { name: 'Reader', scopes: ['read'] });
  const said = await failure(
    create(
      'record_event',
      { type: 'ticket.solved', actor: 'ana@example.com' },
      { authData: { server_address: milepost.url, api_key: secret } },
    ),
  );
  assert.deepEqual([said.name, said.status, said.code], ['AppError', 403, 'scope-missing']);
  assert.match(said.message, /evaluate/);
});

test('an address that cannot be used is refused before anything is sent', async () => {
  for (const address of ['http://milepost.example.com', 'milepost.example.com', '']) {
    const said = await failure(connect({ server_address: address, api_key: milepost.key }));
    assert.deepEqual([said.name, said.code], ['AppError', 'AddressRefused']);
  }
});

test('another service at the address is noticed, also one that answers JSON', async () => {
  await withReceiver(undefined, async ({ url }) => {
    const said = await failure(connect({ server_address: url, api_key: milepost.key }));
    assert.match(said.message, /not Milepost. Check the server address/);
  });
});
