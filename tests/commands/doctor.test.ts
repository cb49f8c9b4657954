import { execa, type Options } from 'execa';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkNode } from '../../src/core/checks/here.ts';
import { checkServer } from '../../src/core/checks/server.ts';
import { openJournal } from '../../src/core/journal.ts';
import type { Check } from '../../src/core/maintenance.ts';
import { openApi } from '../../src/service/http/openapi.ts';
import { openHarness } from '../harness.ts';

const BINARY = resolve(import.meta.dirname, '../../bin/okpay.js');
const CANARY = 'canary-4f1c';

let home: string;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'okpay-doctor-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const okpay = (words: string[], env: Record<string, string> = {}) =>
  execa(process.execPath, [BINARY, ...words], {
    env: { OKPAY_HOME: home, ...env },
    reject: false,
  } as Options);

/** Runs the doctor as a person does; gives what it found by name. */
async function doctor(env: Record<string, string> = {}, ...flags: string[]) {
  const { exitCode, stdout, stderr } = await okpay(['doctor', '--json', ...flags], env);
  const answer = JSON.parse(stdout as string) as { healthy: boolean; problems: number; checks: Check[] };
  const of = (name: string) => answer.checks.filter((check) => check.name === name);
  expect(exitCode).toBe(answer.problems > 0 ? 1 : 0);
  expect(stderr).toBe('');
  return { ...answer, of, text: stdout as string };
}

const worst = (checks: readonly Check[]) =>
  (['problem', 'warning', 'ok'] as const).find((state) => checks.some((check) => check.state === state));
const said = (checks: readonly Check[]) =>
  checks.map(({ found, todo = '' }) => `${found} ${todo}`).join('\n');

async function listen(server: Server | SMTPServer, host = '127.0.0.1'): Promise<number> {
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, host, () => resolve()));
  closing.push(() => new Promise((resolve) => server.close(() => resolve(undefined))));
  return ((server instanceof SMTPServer ? server.server : server).address() as AddressInfo).port;
}

describe('okpay doctor', () => {
  test('finds nothing wrong with a new home, nor with one that is used', async () => {
    expect(await doctor()).toMatchObject({ healthy: true, problems: 0 });
    await okpay(['db', 'migrate']);
    const { healthy, of } = await doctor();
    expect(healthy).toBe(true);
    expect(said(of('database'))).toMatch(/SQLite 3\.\d+\.\d+ at .*okpay\.db, schema \d/);
    const shown = await okpay(['doctor']);
    expect(shown).toMatchObject({ exitCode: 0 });
    expect(shown.stdout).toMatch(/^ok +node +Node\.js 2\d/m);
    expect(shown.stdout).toContain('Nothing is wrong.');
  });

  test('ends with 1 when there is a problem, and says what to do', async () => {
    chmodSync(home, 0o755);
    const { stdout, exitCode } = await okpay(['doctor']);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^problem +folders .*mode 755.*To do: chmod -R go-rwx/m);
    expect(stdout).toContain('Problems: 1');
  });

  test('sees what others could read', async () => {
    await okpay(['db', 'migrate']);
    mkdirSync(join(home, 'sessions'), { mode: 0o700 });
    const session = {
      token: CANARY,
      session: 'ses_1',
      email: 'a@example.com',
      expiresAt: '2999-01-01T00:00:00Z',
    };
    writeFileSync(join(home, 'sessions', 'default.json'), JSON.stringify({ ...session, place: 'x' }), {
      mode: 0o600,
    });
    expect(said((await doctor()).of('sessions'))).toContain('1 of 1 profiles logged in');
    chmodSync(join(home, 'sessions', 'default.json'), 0o644);
    chmodSync(join(home, 'okpay.db'), 0o640);
    const { of, text } = await doctor();
    expect(of('sessions')).toMatchObject([{ state: 'problem', todo: 'okpay login' }]);
    expect(worst(of('database'))).toBe('problem');
    expect(said(of('database'))).toContain('chmod go-rwx');
    expect(text).not.toContain(CANARY);
  });

  test('points to payments that were interrupted, whichever profile they are of', async () => {
    const money = { amount: '1.00', currency: 'EUR' };
    const journal = openJournal(home, 'work', Date.now);
    journal
      .begin({
        input: { quote: 'quo_1', note: CANARY },
        place: 'https://pay.example.com',
        account: { id: 'usr_1', email: 'ann@example.com' },
        asked: { to: { name: 'Bob' }, amount: money, feeFrom: 'sender' },
        figures: { youPay: money, fee: money, theyGet: money, expiresAt: '2026-03-02T09:05:00.000Z' },
      })
      .leave();
    const open = await doctor();
    expect(open.of('payments')).toMatchObject([{ state: 'warning', todo: 'okpay pending --profile work' }]);
    expect(open.text).not.toContain(CANARY);
    writeFileSync(join(journal.folder, 'key_x.json'), '{');
    const { of } = await doctor();
    expect(of('payments').map(({ state }) => state)).toEqual(['problem', 'warning']);
  });

  test('a token in the environment is mentioned, and not shown', async () => {
    const { of, text } = await doctor({ OKPAY_TOKEN: CANARY });
    expect(of('sessions')).toMatchObject([{ state: 'warning' }]);
    expect(text).not.toContain(CANARY);
  });

  test.each([
    ['mysql://okpay:%@db.example.com/x', ''],
    ['postgres://okpay:%@127.0.0.1:9/okpay', ''],
    ['postgres://okpay:%@pay.invalid/okpay?nonsense=1', ''],
    ['sqlite:/proc/nowhere/okpay.db', ''],
    ['', 'smtp://okpay:%@127.0.0.1:9'],
    ['', 'smtps://okpay:%@mail.invalid'],
    ['', 'http://okpay:%@mail.invalid'],
    ['', 'smtp://okpay:%@[::'],
  ])('what is set wrongly is a problem without its password: %s %s', async (database, mail) => {
    const put = (text: string) => text.replace('%', CANARY);
    const { problems, text } = await doctor({
      ...(database ? { OKPAY_DATABASE_URL: put(database) } : {}),
      ...(mail ? { OKPAY_SMTP_URL: put(mail) } : {}),
    });
    expect(problems).toBeGreaterThan(0);
    expect(text).not.toContain(CANARY);
  });

  test('a server is left to work, and named', async () => {
    const server = execa(process.execPath, [BINARY, 'serve', '--port', '0', '--json', '--quiet'], {
      env: { OKPAY_HOME: home },
      reject: false,
    });
    closing.push(async () => {
      server.kill();
      await server;
    });
    const url = await new Promise<string>((resolve) => {
      server.stdout.once('data', (text: Buffer) =>
        resolve((JSON.parse(text.toString()) as { url: string }).url),
      );
    });
    const local = await doctor();
    expect(local.healthy).toBe(true);
    expect(said(local.of('database'))).toContain('in use by okpay serve (process');
    const remote = await doctor({ OKPAY_URL: url });
    expect(remote.healthy).toBe(true);
    expect(said(remote.of('server'))).toContain('takes calls');
    expect(said(remote.of('server version'))).toMatch(/the same \d+ calls/);
    expect(said(remote.of('server clock'))).toContain('same time');
    expect(remote.of('database')).toEqual([]);
  });
});

describe('the way out for mail', () => {
  const open = (login: string, host = '127.0.0.1', disabledCommands = ['STARTTLS']) => {
    const asked: string[] = [];
    const server = new SMTPServer({
      authOptional: false,
      allowInsecureAuth: true,
      disabledCommands,
      logger: false,
      onAuth: ({ username, password }, _session, done) => {
        if (`${username}:${password}` === login) done(null, { user: username });
        else done(new Error(`no ${username} ${password}`));
      },
      onMailFrom: (_from, _session, done) => {
        asked.push('mail');
        done();
      },
    });
    return listen(server, host).then((port) => ({ port, asked }));
  };

  test('is tried up to the login, and no mail is sent', async () => {
    const { port, asked } = await open(`ann:${CANARY}`);
    const good = await doctor({ OKPAY_SMTP_URL: `smtp://ann:${CANARY}@127.0.0.1:${port}` });
    expect(good.of('mail')).toMatchObject([{ state: 'ok' }]);
    expect(said(good.of('mail'))).toContain('accepts the login');
    const bad = await doctor({ OKPAY_SMTP_URL: `smtp://ann:${CANARY}-wrong@127.0.0.1:${port}` });
    expect(bad.of('mail')).toMatchObject([{ state: 'problem' }]);
    expect(said(bad.of('mail'))).toContain('does not accept the login');
    expect(good.text + bad.text).not.toContain(CANARY);
    expect(asked).toEqual([]);
  });

  test('must be by TLS, with a good certificate, where it leaves this machine', async () => {
    const plain = await open('a:b', '127.0.0.2');
    const withoutTls = await doctor({ OKPAY_SMTP_URL: `smtp://a:b@127.0.0.2:${plain.port}` });
    expect(withoutTls.of('mail')).toMatchObject([{ state: 'problem' }]);
    const selfSigned = await open('a:b', '127.0.0.2', []);
    const withBadTls = await doctor({ OKPAY_SMTP_URL: `smtp://a:b@127.0.0.2:${selfSigned.port}` });
    expect(withBadTls.of('mail')).toMatchObject([{ state: 'problem' }]);
    expect(said(withBadTls.of('mail'))).toMatch(/TLS|certificate/);
  });

  test('is a folder that can be written', async () => {
    writeFileSync(join(home, 'outbox'), '');
    expect((await doctor()).problems).toBeGreaterThan(0);
  });
});

describe('a server', () => {
  const document = openApi('https://pay.example.com') as { paths: Record<string, object> };
  /** Answers as okpay does, but for what is given. */
  const serve = async (answers: Record<string, [number, unknown]>, date = new Date()) => {
    const all: Record<string, [number, unknown]> = {
      '/healthz': [200, { status: 'alive' }],
      '/readyz': [200, { status: 'ready' }],
      '/openapi.json': [200, document],
      ...answers,
    };
    const server = createServer((request, response) => {
      const [status, body] = all[request.url ?? ''] ?? [404, {}];
      response.sendDate = false;
      response.writeHead(status, { date: date.toUTCString() }).end(JSON.stringify(body));
    });
    return checkServer(`http://127.0.0.1:${await listen(server)}`, Date.now);
  };

  test('that is well', async () => {
    expect((await serve({})).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
  });

  test('that is something else, or not ready', async () => {
    expect(said(await serve({ '/healthz': [200, 'hello'] }))).toContain('is not okpay');
    expect(said(await serve({ '/healthz': [404, {}] }))).toContain('is not okpay');
    expect(said(await serve({ '/readyz': [503, {}] }))).toContain('takes no calls');
    expect(worst(await serve({ '/openapi.json': [200, 'x'] }))).toBe('problem');
  });

  test('that points to another one is not followed there (ASVS V15.3.2)', async () => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('{"status":"alive"}');
    });
    const location = `http://127.0.0.1:${await listen(other)}/healthz`;
    const pointing = createServer((_, response) => void response.writeHead(302, { location }).end());
    const checked = await checkServer(`http://127.0.0.1:${await listen(pointing)}`, Date.now);
    expect(said(checked)).toContain('is not okpay (HTTP 302)');
    expect(asked).toEqual([]);
  });

  test('that is older or newer', async () => {
    const paths = Object.fromEntries(
      Object.entries(document.paths).filter(([path]) => path !== '/v1/quotes'),
    );
    expect(said(await serve({ '/openapi.json': [200, { paths }] }))).toContain(
      'older: it does not know create-quote',
    );
    const more = { ...document.paths, '/v1/x': { get: { operationId: 'do-more' } } };
    expect(said(await serve({ '/openapi.json': [200, { paths: more }] }))).toContain(
      'newer: it also knows do-more',
    );
  });

  test('whose clock is wrong', async () => {
    expect(said(await serve({}, new Date(Date.now() - 90_000)))).toMatch(/(89|90|91) seconds apart/);
  });

  test('to which everybody can listen, and one that does not answer', async () => {
    expect(said(await checkServer('http://192.0.2.1:9', Date.now))).toMatch(/Nothing answers/);
  }, 20_000);
});

describe('the clock', () => {
  test('that went back behind the newest transfer, or jumps, is a problem', async () => {
    const { maintenanceOf } = await import('../service/maintenance/maintenance-of.ts');
    const { fund } = await import('../service/money/wallet.ts');
    const harness = await openHarness();
    closing.push(harness.close);
    await fund(harness, await harness.holder('alice'), '1.00');
    const clock = async (now: () => number) => {
      const checks = await maintenanceOf(harness.databaseUrl, now).examine();
      return checks.filter(({ name }) => name === 'clock');
    };
    const real = harness.clock.now();
    const startedAt = performance.now();
    const runs = (offset: number) => () => real + offset + performance.now() - startedAt;
    expect(await clock(runs(1_000))).toMatchObject([{ state: 'ok' }]);
    expect(said(await clock(runs(-60_000)))).toContain('the clock went back');
    let calls = 0;
    expect(said(await clock(() => runs(calls++ === 0 ? 0 : 10_000)()))).toContain('jumped');
  });
});

describe('the version of Node', () => {
  test.each([
    ['24.15.0', 'ok'],
    ['26.10.0', 'ok'],
    ['24.14.9', 'problem'],
    ['20.20.2', 'problem'],
    ['25.1.0', 'warning'],
  ])('%s is %s', (found, state) => {
    expect(checkNode(found).state).toBe(state);
  });
});
