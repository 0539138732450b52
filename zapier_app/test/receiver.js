import { createServer } from 'node:http';

/** A server on loopback that keeps what it gets, and answers each request as *answer* says. */
export async function receiver(answer = () => ({})) {
  const arrivals = [];
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const { method, url, headers } = request;
      arrivals.push({ method, url, headers, body: Buffer.concat(parts).toString() });
      const {
        status = 200,
        headers: said = { 'Content-Type': 'application/json' },
        body = '{}',
      } = answer(arrivals.at(-1));
      response.writeHead(status, said).end(body);
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    arrivals,
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

/** Let *use* have a receiver, and close it in any case. */
export async function withReceiver(answer, use) {
  const one = await receiver(answer);
  try {
    await use(one);
  } finally {
    await one.close();
  }
}
