import { request, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer, Call } from '../../../src/core/transport/transport.ts';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import { openHarness, type Harness } from '../../harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await openHarness();
});
afterEach(() => harness.close());

function answerWith(perform: (call: Call) => Promise<Answer>): void {
  Object.assign(harness.service, { perform });
}

const POSTED = { method: 'POST', headers: { 'content-type': 'application/json' } };

/** What arrives, and whether the answer came to its end or was cut. */
function read(server: string): Promise<{ status: number; text: string; whole: boolean; type: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${server}/v1/admin/exports/journal`, POSTED, (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('close', () => {
        const type = response.headers['content-type'] ?? '';
        resolve({ status: response.statusCode ?? 0, text, whole: response.complete, type });
      });
      response.on('error', () => undefined);
    });
    asked.on('error', reject).end('{}');
  });
}

describe('a text that is streamed out', () => {
  it('arrives whole, as plain text', async () => {
    const { url } = await harness.serve();
    answerWith(async () => ({
      text: (async function* () {
        for (let line = 0; line < 20_000; line++) yield `line ${line} €\n`;
      })(),
    }));
    const { status, text, whole, type } = await read(url);
    expect([status, whole, type]).toEqual([200, true, 'text/plain; charset=utf-8']);
    expect(text.split('\n')).toHaveLength(20_001);
    expect(text.endsWith('line 19999 €\n')).toBe(true);
  });

  it('is a problem when it is refused before the first line', async () => {
    const { url } = await harness.serve();
    answerWith(async () => ({
      text: (async function* () {
        throw new Refusal('busy');
      })(),
    }));
    const { status, type } = await read(url);
    expect([status, type]).toEqual([503, 'application/problem+json; charset=utf-8']);
  });

  it('is cut, never rounded off, when it breaks in the middle', async () => {
    const shown = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { url } = await harness.serve();
    answerWith(async () => ({
      text: (async function* () {
        yield 'x'.repeat(100_000);
        await new Promise((resolve) => setTimeout(resolve, 20));
        throw new Error('the disk is gone');
      })(),
    }));
    const { text, whole } = await read(url);
    expect(whole).toBe(false);
    expect(text).not.toContain('disk');
    expect(harness.logged.map(({ event }) => event)).toContain('unexpected');
    shown.mockRestore();
  });

  it('is made no faster than it is read, and no further once nobody reads', async () => {
    const { url } = await harness.serve();
    let made = 0;
    let ended = false;
    answerWith(async () => ({
      text: (async function* () {
        try {
          for (;;) {
            made += 1;
            yield 'x'.repeat(65_536);
          }
        } finally {
          ended = true;
        }
      })(),
    }));
    const asked = request(`${url}/v1/admin/exports/journal`, POSTED).end('{}');
    asked.on('error', () => undefined);
    const response = await new Promise<IncomingMessage>((resolve) => asked.on('response', resolve));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const unread = made;
    // A few megabytes fit into the buffers of the two sockets.
    expect(unread).toBeLessThan(500);
    response.destroy();
    await expect.poll(() => ended).toBe(true);
  });
});

describe('a stream that comes in', () => {
  const upload = (url: string, body: AsyncIterable<Uint8Array>, type = 'application/xml') =>
    fetch(`${url}/v1/admin/deposits/imports`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: ReadableStream.from(body) as ReadableStream,
      duplex: 'half',
    });

  it('is read as it arrives, never as a whole', async () => {
    const { url } = await harness.serve();
    let seen = 0;
    let sentWhenFirstSeen = 0;
    let sent = 0;
    answerWith(async ({ body }) => {
      for await (const piece of body ?? []) {
        if (seen === 0) sentWhenFirstSeen = sent;
        seen += piece.byteLength;
      }
      return { output: { seen } };
    });
    const response = await upload(
      url,
      (async function* () {
        for (; sent < 64; sent++) yield new Uint8Array(1_048_576);
      })(),
    );
    expect(await response.json()).toEqual({ seen: 64 * 1_048_576 });
    expect(sentWhenFirstSeen).toBeLessThan(32);
  });

  it('is XML by its name', async () => {
    const { url } = await harness.serve();
    for (const type of ['application/json', 'text/html', 'application/pdf']) {
      const response = await upload(url, (async function* () {})(), type);
      expect(response.status).toBe(415);
    }
  });

  it('is not read at all from somebody who may not send it', async () => {
    const { url } = await harness.serve();
    const response = await upload(
      url,
      (async function* () {
        yield new Uint8Array(10);
      })(),
    );
    expect(response.status).toBe(401);
  });
});
