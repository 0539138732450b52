import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const START_MS = 60_000;
const KEY = 'zapier-tests-0123456789-abcdef';
const CHECKOUT = process.env.MILEPOST_CHECKOUT ?? fileURLToPath(new URL('../..', import.meta.url));
const PYTHON = process.env.MILEPOST_PYTHON ?? join(CHECKOUT, '.venv', 'bin', 'python');

process.env.MILEPOST_ALLOW_LOOPBACK = 'yes';

/** The real server; its address is known once the tests begin. */
export const milepost = { url: undefined, key: KEY };

/** A call of the server without the app: what a test sets up, and how it looks at what came of it. */
export async function call(method, path, body) {
  const headers = { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' };
  const response = await fetch(milepost.url + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text && JSON.parse(text);
}

/** Wait until *look* finds something, and give it. */
export async function eventually(look, ms = 20_000) {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    const found = await look();
    if (found) return found;
    await sleep(50);
  }
  throw new Error(`It did not come: ${look}`);
}

const folder = mkdtempSync(join(tmpdir(), 'milepost-zapier-'));
const log = join(folder, 'log');
const store = join(folder, 'milepost.db');
let running;

const settings = (port) => ({
  ...process.env,
  MILEPOST_STORE: `sqlite:///${store}`,
  MILEPOST_HOST: '127.0.0.1',
  MILEPOST_PORT: String(port),
  MILEPOST_API_KEY: KEY,
  MILEPOST_ALLOWED_ADDRESSES: '127.0.0.1',
});

async function isReady() {
  if (running.exitCode !== null) throw new Error(`The server ended. It printed:\n${readFileSync(log, 'utf8')}`);
  return fetch(`${milepost.url}/ready`).then(
    (answer) => answer.ok,
    () => false,
  );
}

/** People and rules that every test may rely on. */
async function furnish() {
  await call('POST', '/v1/recipes/helpdesk-sla/install');
  await call('PUT', '/v1/teams/support', { name: 'Support' });
  await call('PUT', '/v1/actors/boss@example.com', { name: 'Bo Lind' });
  await call('PUT', '/v1/actors/ana@example.com', { name: 'Ana Diaz', team: 'support', manager: 'boss@example.com' });
  const solved = { kind: 'count', target: 1, of: { type: 'case.closed' } };
  await call('POST', '/v1/achievements', { ...rule('checked-case', 'Checked Case', solved), review: 'manager' });
  await call('POST', '/v1/achievements', rule('queue-check', 'Queue Check', daily('queue.checked')));
}

const daily = (type) => ({
  kind: 'streak',
  target: 5,
  period: 'day',
  freezes: { count: 1, window: 'month' },
  each: { kind: 'count', target: 1, of: { type } },
});

const rule = (key, name, criterion) => ({
  key,
  name,
  criterion,
  purpose: 'Work that is done with care',
  category: 'quality',
  state: 'live',
  message: 'Well done.',
});

const freePort = () =>
  new Promise((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });

before(async () => {
  // what only time brings has happened before
  execFileSync(PYTHON, ['-m', 'tests.packs.news_store', store], { cwd: CHECKOUT });
  const port = await freePort();
  milepost.url = `http://127.0.0.1:${port}`;
  const printed = openSync(log, 'a');
  running = spawn(PYTHON, ['-m', 'milepost', 'serve'], {
    cwd: folder,
    env: settings(port),
    stdio: ['ignore', printed, printed],
  });
  closeSync(printed);
  await eventually(isReady, START_MS);
  await furnish();
});

after(async () => {
  if (running && running.exitCode === null) {
    running.kill('SIGTERM');
    await new Promise((done) => running.once('exit', done));
  }
  rmSync(folder, { recursive: true, force: true });
});
