import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverAddress } from '../lib/address.js';

/** Read an address as in production, where the variable is not set. */
function read(typed) {
  delete process.env.MILEPOST_ALLOW_LOOPBACK;
  try {
    return serverAddress(typed);
  } finally {
    process.env.MILEPOST_ALLOW_LOOPBACK = 'yes';
  }
}

const GOOD = {
  'https://milepost.example.com': 'https://milepost.example.com',
  ' https://Milepost.Example.com/ ': 'https://milepost.example.com',
  'https://example.com:8443/milepost/': 'https://example.com:8443/milepost',
  'https://203.0.113.7': 'https://203.0.113.7',
};
for (const [typed, address] of Object.entries(GOOD)) {
  test(`the address ${typed} is taken`, () => assert.equal(read(typed), address));
}

const BAD = {
  '': /no web address/,
  'milepost.example.com': /no web address/,
  'milepost.example.com:8400': /https:/,
  'http://milepost.example.com': /https:/,
  'http://127.0.0.1:8400': /https:/,
  'ftp://milepost.example.com': /https:/,
  'javascript:alert(1)': /https:/,
  'https://key@milepost.example.com': /nothing but the address/,
  'https://milepost.example.com?to=https://elsewhere.example': /nothing but the address/,
  'https://milepost.example.com#top': /nothing but the address/,
  'https://127.0.0.1': /cannot reach/,
  'https://2130706433': /cannot reach/,
  'https://localhost:8400': /cannot reach/,
  'https://[::1]:8400': /cannot reach/,
  'https://[::ffff:127.0.0.1]': /cannot reach/,
  'https://10.1.2.3': /cannot reach/,
  'https://192.168.178.20': /cannot reach/,
  'https://169.254.169.254': /cannot reach/,
  'https://[fd00::1]': /cannot reach/,
  'https://milepost': /cannot reach/,
  'https://milepost.local': /cannot reach/,
};
for (const [typed, words] of Object.entries(BAD)) {
  test(`the address "${typed}" is refused in words`, () => assert.throws(() => read(typed), words));
}

test('loopback is let in for tests only', () => {
  assert.equal(serverAddress('http://127.0.0.1:8400/'), 'http://127.0.0.1:8400');
  assert.throws(() => serverAddress('http://127.0.0.1.example.com'), /https:/);
  process.env.MILEPOST_ALLOW_LOOPBACK = 'no';
  assert.throws(() => serverAddress('http://127.0.0.1:8400'), /https:/);
  process.env.MILEPOST_ALLOW_LOOPBACK = 'yes';
});
