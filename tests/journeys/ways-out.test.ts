import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OkpayClient } from '../../src/core/client.ts';
import { networkTransport } from '../../src/core/transport/network.ts';
import { eachEngine, PASSWORD } from '../harness.ts';
import { openMailServer } from '../mail-server.ts';
import { dropDatabase, newDatabase } from '../shared-postgres.ts';
import { openCollector } from '../service/watch/collector.ts';
import { prepareHolders, quote, randomFrom, settle, type Attempt } from '../soak/payments.ts';
import { ROOT, SERVE, startServe } from '../soak/serve-process.ts';

const WATCHED = ['--import', './tests/journeys/watch-ways-out.ts'];

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'okpay-ways-out-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** What went out since, each once; programs with their arguments. */
function waysOut(): string[] {
  const file = join(home, 'ways-out');
  if (!existsSync(file)) return [];
  return [...new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean))].sort();
}

const watchedEnvironment = () => ({
  OKPAY_HOME: home,
  OKPAY_KEYS: join(home, 'okpay.keys'),
  OKPAY_WAYS_OUT: join(home, 'ways-out'),
});

eachEngine((engine) => {
  test('a service under work speaks to its database, its mail server and its collector, and starts no program (ASVS V1.2.5, V13.2.4)', async () => {
    const [mailServer, collector] = [await openMailServer(), await openCollector()];
    const databaseUrl = await engine.makeUrl(home);
    const settings = { databaseUrl, outboxDirectory: join(home, 'outbox'), publicUrl: 'http://127.0.0.1' };
    const [alice = ''] = await prepareHolders(settings);
    const server = await startServe(
      {
        ...watchedEnvironment(),
        OKPAY_DATABASE_URL: databaseUrl,
        OKPAY_SMTP_URL: mailServer.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      },
      [...WATCHED, ...SERVE],
    );
    try {
      const [nobody, holder] = ['', alice].map(
        (token) => new OkpayClient(networkTransport(server.url), token || undefined),
      ) as [OkpayClient, OkpayClient];
      const email = 'new@elsewhere.example';
      await nobody.call('register', { email, displayName: '$(touch x); `id`', password: PASSWORD });
      const attempt = (await quote(holder, 0, 'once', randomFrom(1))) as Attempt;
      expect(await settle(holder, attempt)).toBe(true);
      expect(attempt.outcome).toMatch(/^done /);
      await fetch(`${server.url}/v1/me`, {
        headers: {
          host: 'elsewhere.example',
          'x-forwarded-for': '203.0.113.9',
          referer: 'http://elsewhere.example',
        },
      });
      await expect.poll(() => mailServer.taken.length).toBeGreaterThan(0);
      await Promise.all([nobody.close(), holder.close()]);
    } finally {
      await server.end('SIGTERM');
      await Promise.all([mailServer.close(), collector.close()]);
    }
    expect(collector.spans.length).toBeGreaterThan(0);
    const allowed = [mailServer.url, collector.url].map((url) => `connect ${new URL(url).host}`);
    // PostgreSQL is reached by a socket in the folder of its URL.
    const socket = new URL(databaseUrl).searchParams.get('host') ?? '';
    const isDatabase = (line: string) => socket !== '' && line.startsWith(`connect ${socket}/.s.PGSQL.`);
    expect(waysOut().some(isDatabase)).toBe(engine.name === 'postgres');
    expect(waysOut().filter((line) => !isDatabase(line))).toEqual(allowed.sort());
    await engine.discard(databaseUrl);
  });
});

test('a backup of PostgreSQL starts pg_dump by a list of arguments, without a shell (ASVS V1.2.5)', async () => {
  const databaseUrl = await newDatabase();
  for (const name of ['pg_dump', 'pg_restore']) {
    const program = join(home, name);
    writeFileSync(program, '#!/bin/sh\n[ "$1" != --version ] || echo "$(basename "$0") (PostgreSQL) 99.0"\n');
    chmodSync(program, 0o755);
  }
  const backup = join(home, 'a; touch hit; $(touch hit).backup');
  const { exitCode } = await run([...WATCHED, 'bin/okpay.js', 'db', 'backup', backup], {
    OKPAY_DATABASE_URL: databaseUrl,
    PATH: `${home}${delimiter}${process.env['PATH']}`,
  });
  await dropDatabase(databaseUrl);
  expect(exitCode).toBe(0);
  const started = waysOut().filter((line) => !line.startsWith('connect '));
  expect(started).toEqual([
    expect.stringMatching(/^start pg_dump --no-password .*; touch hit; /),
    'start pg_dump --version',
    expect.stringMatching(/^start pg_restore .*; touch hit; /),
    'start pg_restore --version',
  ]);
  expect(existsSync(join(ROOT, 'hit'))).toBe(false);
});

test('control: other ways out are seen, from a thread too', async () => {
  const away = `
    import { exec, execFileSync } from 'node:child_process';
    import { connect } from 'node:net';
    import { Worker } from 'node:worker_threads';
    exec('true');
    execFileSync('true');
    connect(4242, '127.0.0.9').on('error', () => undefined);
    await fetch('http://127.0.0.8:4242').catch(() => undefined);
    new Worker("(await import('node:http')).get('http://127.0.0.7:4242').on('error', () => undefined)", { eval: true });`;
  await run([...WATCHED, '--input-type=module', '--eval', away], {});
  expect(waysOut()).toEqual([
    'connect 127.0.0.7:4242',
    'connect 127.0.0.8:4242',
    'connect 127.0.0.9:4242',
    'shell /bin/sh -c true',
    'start true',
  ]);
});

async function run(words: readonly string[], environment: Record<string, string>) {
  const env = { ...watchedEnvironment(), ...environment };
  return execa(process.execPath, words, { cwd: ROOT, reject: false, input: '', env });
}
