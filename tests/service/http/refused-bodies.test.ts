import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OkpayClient } from '../../../src/core/client.ts';
import { networkTransport } from '../../../src/core/transport/network.ts';
import { LINGER_BYTES } from '../../../src/service/http/linger.ts';
import { openHarness, type Harness } from '../../harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await openHarness();
});
afterEach(() => harness.close());

/** A file that is no statement from its first element on, sent as a file is read: whoever answers is heard in between. */
async function* noStatement(bytes: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from('<x/>');
  for (let left = bytes; left > 0; left -= 65_536) {
    yield Buffer.alloc(Math.min(left, 65_536), ' ');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('a refused file of any size is told as what it is, call after call of one client', async () => {
  const { token } = await harness.staff('support');
  const { url } = await harness.serve();
  const transport = networkTransport(url);
  const client = new OkpayClient(transport, token);
  for (const bytes of [0, 100_000, 300_000, 700_000, 1_000_000, 1_500_000, 20_000_000])
    for (let at = 0; at < 6; at++) {
      const body = noStatement(bytes);
      await expect(client.call('import-statement', {}, { body }), `${bytes} bytes`).rejects.toMatchObject({
        code: 'statement_invalid',
      });
    }
  await transport.close();
});

/** A connection to a server on which everything that comes is kept. */
function open(url: string): { socket: Socket; heard: () => string; closed: Promise<void> } {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, heard: () => text, closed };
}

const HEAD = 'POST /v1/admin/deposits/imports HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml\r\n';

it('a client that listens only when all is sent hears the answer, and goes on with its connection', async () => {
  const { url } = await harness.serve();
  const { socket, heard, closed } = open(url);
  const bytes = 20_000_000;
  socket.pause().write(`${HEAD}Content-Length: ${bytes}\r\n\r\n`);
  await new Promise((resolve) => socket.write(Buffer.alloc(bytes), resolve));
  socket.resume().write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await closed;
  expect(heard().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200']);
});

it('who sends on without end is cut off', async () => {
  // So patient that it is not the time that ends it.
  const { url } = await harness.serve({ patienceMs: 120_000 });
  const { socket, heard, closed } = open(url);
  socket.write(`${HEAD}Content-Length: 1000000000\r\n\r\n`);
  const piece = Buffer.alloc(1_048_576);
  const send = () => {
    if (socket.bytesWritten > 3 * LINGER_BYTES) socket.destroy();
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', send);
  send();
  await closed;
  expect(heard()).toMatch(/^HTTP\/1\.1 401 /);
  // What the buffers of two sockets hold comes on top.
  expect(socket.bytesWritten).toBeGreaterThan(LINGER_BYTES);
  expect(socket.bytesWritten).toBeLessThan(2 * LINGER_BYTES);
});
