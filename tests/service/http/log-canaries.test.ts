import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeLog } from '../../../src/service/http/log.ts';
import { openEngine } from '../../../src/service/store/engine/open.ts';
import { openHarness, PASSWORD, type Harness } from '../../harness.ts';
import { fund, money, newKey } from '../money/wallet.ts';

type Line = Record<string, string | number>;

const lines: string[] = [];
let harness: Harness | undefined;
afterEach(async () => {
  await harness?.close();
  harness = undefined;
  lines.length = 0;
});

const write = (line: string) => void lines.push(line);
const parsed = () => lines.map((line) => JSON.parse(line) as Line);

/** What must never be in a log, as whoever attacks or errs would bring it in. */
const CANARIES = {
  email: 'canary-mail@example.com',
  name: 'Canary Name',
  password: 'canary password 4711',
  note: 'canary note for you',
  token: 'canary-token-0123456789abcdef',
  phone: '+4915112340815',
};

describe('the log of a service that is used, misused and broken', () => {
  it('has none of the secrets, names, addresses and notes that went through it', async () => {
    let broken: Error | undefined;
    harness = await openHarness({
      settings: {
        log: await makeLog({ node: 'n1', write }),
        smtpUrl: `smtp://canary-login:${encodeURIComponent(CANARIES.password)}@127.0.0.1:9`,
        open: async (url) => {
          const engine = await openEngine(url);
          const all: typeof engine.all = (sql, values) =>
            broken ? Promise.reject(broken) : engine.all(sql, values);
          return { ...engine, all };
        },
      },
    });
    const { service, call } = harness;
    const { url } = await harness.serve();
    const ask = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'canary', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return response.status;
    };
    const { email, name: displayName, password, phone, note, token } = CANARIES;
    await ask('/v1/registrations', { email, displayName, password, phone });
    await ask('/v1/registrations', `{"email": "${email}", "password": ${password}}`);
    await ask('/v1/registrations', { email, displayName, password: 'short', phone: email });
    await ask(`/v1/registrations?email=${email}`, {});
    await ask('/v1/registrations/reg_canary/verification', { code: 'CANARY' });
    await ask('/v1/sessions', { email, password });
    await call('bootstrap-staff', { email, displayName, password: PASSWORD });
    const session = await call('log-in', { email, password: PASSWORD });
    await ask('/v1/sessions', { email, password, device: token });
    const bearer = { authorization: `Bearer ${session.token}` };
    await fund(harness, session.user, '10.00');
    for (const to of [email, `${email}\r\n{"level":"info","forged":1}`, '\u001b[31mcanary'])
      await ask('/v1/quotes', { to, amount: money('1.00 EUR') }, bearer);
    await ask('/v1/transfers', { quote: token, note }, { ...bearer, 'idempotency-key': newKey() });
    await ask('/v1/payees', { name: displayName, to: email }, bearer);
    await ask('/v1/admin/deposits/imports', `<a>${note}</a>`, {
      ...bearer,
      'content-type': 'application/xml',
    });
    await fetch(`${url}/verify?token=${token}`);
    await fetch(`${url}/v1/me?token=${token}`, { headers: { authorization: `Bearer ${token}` } });
    await fetch(`${url}/canary/${email}`);
    // Errors that quote what they choked on, as parsers, databases and URLs do.
    for (const message of [
      `duplicate key value (email)=(${email}) "${displayName}"`,
      `Unexpected token 'c', "${note}" is not valid JSON`,
      `connect to postgres://okpay:${encodeURIComponent(password)}@db/okpay failed for ${token}`,
      `multiple\n    at ${email} (lines)\n«${note}»`,
    ]) {
      broken = new Error(message);
      await fetch(`${url}/v1/sessions`, { headers: bearer });
    }
    broken = undefined;
    await service.close().catch(() => undefined);
    const text = lines.join('');
    expect(lines.length).toBeGreaterThan(20);
    expect(text).not.toMatch(/canary|4711|0815/i);
    expect(text).not.toContain(session.token);
    for (const line of lines) expect(line).toMatch(/^[^\r\n\u001b]*\n$/);
    const unexpected = parsed().filter(({ message }) => message === 'unexpected');
    expect(unexpected.length).toBe(4);
    // They still say where it was.
    for (const { stack } of unexpected) expect(stack).toMatch(/log-canaries\.test\.ts:\d+:\d+/);
    harness = undefined;
  });

  it('has no code, token, secret or key, whether it is right, wrong or in an error (ASVS V16.2.5)', async () => {
    let broken: Error | undefined;
    harness = await openHarness({
      settings: {
        log: await makeLog({ node: 'n1', write }),
        open: async (url) => {
          const engine = await openEngine(url);
          const all: typeof engine.all = (sql, values) =>
            broken ? Promise.reject(broken) : engine.all(sql, values);
          return { ...engine, all };
        },
      },
    });
    const { call, nextMail } = harness;
    const alice = await harness.holder('alice');
    const { deviceToken = '' } = await harness.logIn(alice.email);
    const { reset } = await call('forgot-password', { email: alice.email });
    const { unlock } = await call('request-unlock', { email: alice.email });
    const { change } = await alice.client.call('change-email', { email: 'moved@example.com' });
    const mails = [
      await nextMail(alice.email, 'forgot-password'),
      await nextMail(alice.email, 'unlock'),
      await nextMail('moved@example.com', 'change-email'),
    ];
    const { secret: program } = await alice.client.call('create-token', { name: 'ci', scopes: ['read'] });
    const { secret: factor, recoveryCodes } = await harness.enableFactor(alice.token);
    const keys = readFileSync(join(dirname(harness.outboxDirectory), 'okpay.keys'), 'utf8');
    const secrets = [
      ...mails.flatMap(({ code = '', token = '' }) => [code, token]).filter((each) => each !== ''),
      ...recoveryCodes,
      ...Object.values((JSON.parse(keys) as { keys: Record<string, string> }).keys),
      factor,
      '123456',
      program,
      deviceToken,
      alice.token,
      PASSWORD,
    ];
    expect(secrets.length).toBe(5 + recoveryCodes.length + 7);
    const { url } = await harness.serve();
    const send = (path: string, body: object, headers: Record<string, string> = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
    for (const secret of secrets) {
      const bearer = { authorization: `Bearer ${encodeURIComponent(secret)}` };
      await fetch(`${url}/v1/me?token=${encodeURIComponent(secret)}`, { headers: bearer });
      await fetch(`${url}/unlock?token=${encodeURIComponent(secret)}`);
      await send('/v1/sessions', {
        email: alice.email,
        password: PASSWORD,
        code: secret,
        deviceToken: secret,
      });
      await Promise.allSettled([
        call('reset-password', { reset, code: secret, password: 'short' }),
        call('confirm-unlock', { unlock, code: secret }),
        call('verify-support-code', { code: secret }),
        alice.client.call('confirm-email', { change, code: secret }),
      ]);
      // Words may only be told from others by their quotes, which databases and parsers put around them.
      broken = new Error(
        secret.includes(' ') ? `not valid: "${secret}"` : `no such row: ${secret} (${secret})`,
      );
      await fetch(`${url}/v1/sessions`, { headers: { authorization: `Bearer ${alice.token}` } });
      broken = undefined;
    }
    const text = lines.join('');
    expect(parsed().filter(({ message }) => message === 'unexpected').length).toBe(secrets.length);
    const shown = secrets.filter(
      (secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)),
    );
    expect(shown).toEqual([]);
    // The control: the ids beside them are there.
    expect(text).toContain(alice.id);
  });

  it('says who, what, when, where and how it ended, for every request', async () => {
    harness = await openHarness({ settings: { log: await makeLog({ node: 'n1', write }) } });
    const alice = await harness.holder('alice');
    const { url } = await harness.serve();
    lines.length = 0;
    const answer = await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${alice.token}` } });
    await fetch(`${url}/v1/admin/suspense`, { headers: { authorization: `Bearer ${alice.token}` } });
    await fetch(`${url}/v1/me`);
    await fetch(`${url}/verify?token=x`);
    const requests = parsed().filter(({ message }) => message === 'request');
    expect(requests.map(({ route, status, code, user }) => ({ route, status, code, user }))).toEqual([
      { route: '/v1/me', status: 200, code: 'done', user: alice.id },
      { route: '/v1/admin/suspense', status: 403, code: 'role_insufficient', user: alice.id },
      { route: '/v1/me', status: 401, code: 'session_required', user: undefined },
      { route: '/verify', status: 422, code: 'code_invalid', user: undefined },
    ]);
    for (const line of requests) {
      expect(line['request']).toMatch(/^req_[0-9a-z]{26}$/);
      expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(line['node']).toBe('n1');
    }
    expect(answer.headers.get('x-request-id')).toBe(requests[0]?.['request']);
    expect(new Set(requests.map(({ request }) => request)).size).toBe(4);
  });

  it('leaves out what is below its level', async () => {
    for (const [level, written] of [
      ['info', 2],
      ['error', 1],
      ['silent', 0],
    ] as const) {
      lines.length = 0;
      const log = await makeLog({ level, write });
      log.info('one');
      log.error('two');
      expect(lines.length).toBe(written);
    }
  });
});
