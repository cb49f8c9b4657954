import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openHarness, type Harness } from '../../harness.ts';

const PATIENCE_MS = 300;
/** Patience, the time between two looks at the clock, and what the adapter gives a refused body to drain. */
const CLOSED_WITHIN_MS = 3 * PATIENCE_MS + 600;
const HEAD = 'Host: x\r\nContent-Type: application/json\r\n';

let harness: Harness;
let url: string;
beforeEach(async () => {
  harness = await openHarness();
  url = (await harness.serve({ patienceMs: PATIENCE_MS })).url;
});
afterEach(() => harness.close());

/** Sends a beginning and then a little again and again. Gives the answer, once the server has closed the connection. */
function drip(beginning: string, piece: string): Promise<{ answer: string; ms: number }> {
  const startedAt = performance.now();
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  if (beginning !== '') socket.write(beginning);
  const timer = setInterval(() => piece !== '' && socket.write(piece), 50);
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ answer, ms: performance.now() - startedAt });
    });
  });
}

it.each([
  ['sends headers without end', 'GET /healthz HTTP/1.1\r\nHost: x\r\n', 'X-More: more\r\n', 408],
  ['sends nothing', '', '', 408],
  ['drips a body', `POST /v1/sessions HTTP/1.1\r\n${HEAD}Content-Length: 60000\r\n\r\n{`, ' ', 400],
  [
    'drips pieces',
    `POST /v1/sessions HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`,
    '1\r\n \r\n',
    400,
  ],
  ['drips to nowhere', `POST /nothing HTTP/1.1\r\n${HEAD}Content-Length: 60000\r\n\r\n{`, ' ', 404],
  [
    'drips a form',
    `POST /verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 999\r\n\r\n`,
    'a',
    400,
  ],
])('a client that %s is let go, and others are served meanwhile', async (_what, beginning, piece, status) => {
  const slow = Array.from({ length: 20 }, () => drip(beginning, piece));
  const startedAt = performance.now();
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(PATIENCE_MS);
  for (const { answer, ms } of await Promise.all(slow)) {
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(ms).toBeLessThan(CLOSED_WITHIN_MS);
  }
});
