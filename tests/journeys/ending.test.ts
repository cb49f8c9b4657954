import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OkpayClient } from '../../src/core/client.ts';
import { LIMITS } from '../../src/core/contract/schemas.ts';
import { networkTransport } from '../../src/core/transport/network.ts';
import { eachEngine } from '../harness.ts';
import { tamperWith } from '../service/ledger/new-book.ts';
import {
  ask,
  findDamage,
  prepareHolders,
  quote,
  randomFrom,
  settle,
  type Attempt,
} from '../soak/payments.ts';
import { SERVE, startServe, type ServeProcess } from '../soak/serve-process.ts';

/** Words for node with which a service goes on when it must not: see there. */
const NEVER_ENDS = ['--import', './tests/soak/never-ends.ts', ...SERVE];

let home: string;
let url: string;
let random: () => number;
const running: ServeProcess[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'okpay-ending-'));
  url = `sqlite:${join(home, 'okpay.db')}`;
  random = randomFrom(20_261_123);
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.end('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

const settings = () => ({
  databaseUrl: url,
  outboxDirectory: join(home, 'outbox'),
  publicUrl: 'http://127.0.0.1',
});

async function start(words?: readonly string[], program?: string, more = {}): Promise<ServeProcess> {
  const environment = { OKPAY_HOME: home, OKPAY_DATABASE_URL: url, OKPAY_LOG_LEVEL: 'error', ...more };
  const server = await startServe(environment, words, program);
  running.push(server);
  return server;
}

/** Runs a few calls as the holder of a token. */
async function as<T>(
  token: string,
  server: ServeProcess,
  work: (client: OkpayClient) => Promise<T>,
): Promise<T> {
  const client = new OkpayClient(networkTransport(server.url), token);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** One payment by the first holder, to the end. */
async function pay(token: string, server: ServeProcess, key: string): Promise<Attempt> {
  return as(token, server, async (client) => {
    const attempt = (await quote(client, 0, key, random)) as Attempt;
    expect(await settle(client, attempt)).toBe(true);
    expect(attempt.outcome).toMatch(/^done /);
    return attempt;
  });
}

/** What becomes of a server by itself: it ends, or it takes calls as if nothing had been. */
async function fateOf(server: ServeProcess): Promise<string> {
  for (;;) {
    const rest = new Promise<'runs'>((resolve) => setTimeout(resolve, 20, 'runs'));
    const ended = await Promise.race([server.ended, rest]);
    if (ended !== 'runs') return `ended with ${ended}`;
    const isReady = await fetch(`${server.url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return 'goes on';
  }
}

/** What a server says of its end: the line of the log and the sentence of the command. */
function lastWords(server: ServeProcess): { events: string[]; sentence: string | undefined } {
  const lines = server.said().split('\n');
  const logged = lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { message: string });
  return {
    events: logged.map(({ message }) => message),
    sentence: lines.find((line) => line.startsWith('The service ended itself')),
  };
}

eachEngine((engine) => {
  beforeEach(async () => {
    url = await engine.makeUrl(home);
  });
  afterEach(async () => {
    for (const server of running.splice(0)) await server.end('SIGKILL');
    await engine.discard(url);
  });

  /** Has the service meet a broken invariant: a quote whose figures do not add up, which only a tampered one can be. */
  const breakInvariant = async (token: string, server: ServeProcess): Promise<Attempt> => {
    return as(token, server, async (client) => {
      const attempt = (await quote(client, 0, 'broken', random)) as Attempt;
      await tamperWith(url, `UPDATE quotes SET received = received + 1 WHERE id = '${attempt.quote}'`);
      const told = await ask(client, attempt);
      expect(told).toEqual({ outcome: 'refused unexpected' });
      return attempt;
    });
  };

  test('a broken invariant ends the process; the next one finds sound books and nothing written of it (ASVS V16.5.3)', async () => {
    const tokens = await prepareHolders(settings());
    const [token = ''] = tokens;
    const server = await start();
    const before = await pay(token, server, 'before');
    const broken = await breakInvariant(token, server);
    expect(await fateOf(server)).toBe('ended with 1');
    const { events, sentence } = lastWords(server);
    expect(events.filter((event) => event === 'service_failed')).toHaveLength(1);
    expect(sentence).toMatch(
      /it does not hold that entries of trf_\w+ sum to zero in EUR\. What it answered stands/,
    );

    const next = await start();
    const after = await pay(token, next, 'after');
    const known = await as(token, next, (client) => client.call('get-intent', { key: broken.key }));
    expect(known.state).toBe('unknown_key');
    await next.end('SIGTERM');
    expect(await findDamage(settings(), tokens, [before, after])).toEqual([]);
  });

  test('positive control: with the ending switched off it goes on', async () => {
    const [token = ''] = await prepareHolders(settings());
    const server = await start(NEVER_ENDS);
    await breakInvariant(token, server);
    expect(await fateOf(server)).toBe('goes on');
  });
});

describe('an error that nothing caught (ASVS V16.5.4)', () => {
  const THROWS = ['--import', './tests/journeys/throw-out.ts', ...SERVE];

  test.each(['throw', 'reject'])(
    'is logged without what it quotes, and ends the process: %s',
    async (how) => {
      const tokens = await prepareHolders(settings());
      const [token = ''] = tokens;
      const server = await start(THROWS);
      const before = await pay(token, server, 'before');
      await fetch(`${server.url}/${how}`).catch(() => undefined);
      expect(await fateOf(server)).toBe('ended with 1');
      const { events, sentence } = lastWords(server);
      // The last lines are written while the process ends: which is first on stderr is left open.
      expect(events.toSorted()).toEqual(['service_failed', 'unexpected']);
      expect(sentence).toContain('an error was caught nowhere (it is in the log)');
      expect(server.said()).toContain('throw-out.ts:');
      expect(server.said()).not.toContain('canary');
      expect(await findDamage(settings(), tokens, [before])).toEqual([]);
    },
  );

  test('control: left to Node its words are on stderr, and nothing is in the log', async () => {
    const server = await start(THROWS, undefined, { OKPAY_UNCAUGHT: 'raw' });
    await fetch(`${server.url}/throw`).catch(() => undefined);
    await server.ended;
    expect(lastWords(server).events).toEqual([]);
    expect(server.said()).toContain('canary words');
  });
});

/** Pays a thousand times in one commit, for which no file may grow large enough; gives what was told of the rows. */
async function payTooMuch(
  token: string,
  words: readonly string[],
): Promise<{ server: ServeProcess; told: Set<string> }> {
  // POSIX counts blocks of 512 bytes. A write beyond is an error of the disk to SQLite.
  const limited = ['-c', 'ulimit -f 1024 && exec "$0" "$@"', process.execPath, ...words];
  const server = await start(limited, '/bin/sh');
  return { server, told: new Set((await payRows(token, server)).map(({ says }) => says)) };
}

/** Pays the same thousand rows, each under its key; gives what was said of each, and its transfer. */
async function payRows(
  token: string,
  server: ServeProcess,
): Promise<{ says: string; transfer: string | undefined }[]> {
  const transfers = Array.from({ length: LIMITS.transfersAtOnce }, (_, at) => ({
    key: `row-${at}`,
    to: 'holder1@example.com',
    amount: { amount: '0.01', currency: 'EUR' },
    note: 'n'.repeat(LIMITS.noteLength),
  }));
  const { results } = await as(token, server, (client) => client.call('create-transfers', { transfers }));
  return results.map(({ state, transfer, problem }) => ({
    says: problem?.code ?? state,
    transfer: transfer?.id,
  }));
}

test('a commit on SQLite that nobody knows of ends the process; the next one settles it by its keys', async () => {
  const tokens = await prepareHolders(settings());
  const [token = ''] = tokens;
  const { server, told } = await payTooMuch(token, SERVE);
  expect([...told]).toEqual(['outcome_unknown']);
  expect(await fateOf(server)).toBe('ended with 1');
  const { events, sentence } = lastWords(server);
  expect(events).toEqual(['service_failed']);
  expect(sentence).toContain('whether a commit is on the disk is not known (disk I/O error)');

  const next = await start();
  const settled = await payRows(token, next);
  expect(new Set(settled.map(({ says }) => says))).toEqual(new Set(['done']));
  expect(await payRows(token, next)).toEqual(settled);
  const proof = await as(token, next, (client) => client.call('verify-ledger', {}));
  expect(proof).toMatchObject({ sound: true, findings: [], transfers: tokens.length + settled.length });
});

test('positive control: with the ending switched off it goes on after a commit that nobody knows of', async () => {
  const [token = ''] = await prepareHolders(settings());
  const { server, told } = await payTooMuch(token, NEVER_ENDS);
  expect([...told]).toEqual(['outcome_unknown']);
  expect(await fateOf(server)).toBe('goes on');
});
