import { BlockList, isIP } from 'node:net';

const EXAMPLE = 'https://milepost.example.com';
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

const inside = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
]) {
  inside.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
])
  inside.addSubnet(network, prefix, 'ipv6');

/**
 * The server's address as somebody typed it, made one that paths can be added to.
 *
 * The environment variable MILEPOST_ALLOW_LOOPBACK=yes also lets in this machine, for tests.
 * Throws an Error in words for people if it is none that Zapier could call.
 */
export function serverAddress(typed) {
  let url;
  try {
    url = new URL(String(typed ?? '').trim());
  } catch {
    throw new Error(`The server address is no web address. Write it like ${EXAMPLE}.`);
  }
  if (process.env.MILEPOST_ALLOW_LOOPBACK === 'yes' && LOOPBACK.has(url.hostname)) return withoutEnd(url);
  if (url.protocol !== 'https:') {
    throw new Error(
      `The server address must begin with https://, because the API key travels with every call: ${EXAMPLE}.`,
    );
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new Error(`The server address must be nothing but the address, such as ${EXAMPLE}.`);
  }
  if (isInside(url.hostname)) {
    throw new Error(
      `Zapier calls from the internet and cannot reach ${url.hostname}. Give the server an address that the internet reaches.`,
    );
  }
  return withoutEnd(url);
}

const withoutEnd = (url) => (url.origin + url.pathname).replace(/\/+$/, '');

function isInside(hostname) {
  const bare = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const family = isIP(bare);
  if (family) return inside.check(bare, `ipv${family}`);
  return !bare.includes('.') || /\.(localhost|local|internal|lan|home\.arpa)$/.test(bare);
}
