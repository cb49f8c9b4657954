import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OkpayClient } from '../../src/core/client.ts';
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

async function start(words?: readonly string[], program?: string): Promise<ServeProcess> {
  const environment = { OKPAY_HOME: home, OKPAY_DATABASE_URL: url, OKPAY_LOG_LEVEL: 'error' };
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

  test('a broken invariant ends the process; the next one finds sound books and nothing written of it', async () => {
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

/** Pays from all sides until a commit fails, as no file may grow beyond 4 MiB; gives every attempt and what was told last. */
async function payUntilUnknown(
  tokens: readonly string[],
  words: readonly string[],
): Promise<{ server: ServeProcess; attempts: Attempt[]; told: Set<string> }> {
  // POSIX counts blocks of 512 bytes. A write beyond is an error of the disk to SQLite.
  const limited = ['-c', 'ulimit -f 8192 && exec "$0" "$@"', process.execPath, ...words];
  const server = await start(limited, '/bin/sh');
  const attempts: Attempt[] = [];
  const told = new Set<string>();
  await Promise.all(
    tokens.slice(0, 8).map((token, owner) =>
      as(token, server, async (client) => {
        for (let at = 0; !told.has('outcome_unknown') && at < 2_000; at++) {
          const attempt = await quote(client, owner, `key-${owner}-${at}`, random);
          if (!attempt) return;
          attempts.push(attempt);
          const said = await ask(client, attempt);
          if ('outcome' in said) attempt.outcome = said.outcome;
          else told.add(said.unsettled);
        }
      }),
    ),
  );
  return { server, attempts, told };
}

test('a commit on SQLite that nobody knows of ends the process; the next one settles it by its key', async () => {
  const tokens = await prepareHolders(settings());
  const { server, attempts, told } = await payUntilUnknown(tokens, SERVE);
  expect([...told]).toContain('outcome_unknown');
  expect(await fateOf(server)).toBe('ended with 1');
  const { events, sentence } = lastWords(server);
  expect(events).toEqual(['service_failed']);
  expect(sentence).toContain('whether a commit is on the disk is not known (disk I/O error)');

  const next = await start();
  for (const attempt of attempts.filter(({ outcome }) => outcome === undefined))
    expect(await as(tokens[attempt.owner] ?? '', next, (client) => settle(client, attempt))).toBe(true);
  attempts.push(await pay(tokens[0] ?? '', next, 'after'));
  await next.end('SIGTERM');
  expect(attempts.length).toBeGreaterThan(10);
  expect(await findDamage(settings(), tokens, attempts)).toEqual([]);
});

test('positive control: with the ending switched off it goes on after a commit that nobody knows of', async () => {
  const { server } = await payUntilUnknown(await prepareHolders(settings()), NEVER_ENDS);
  expect(await fateOf(server)).toBe('goes on');
});
