import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tokenHashOf } from '../../../src/service/identity/authenticate.ts';
import { openKeyring } from '../../../src/service/identity/keyring.ts';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';
import { tokenOf } from './token-holder.ts';

const NEW = 'nine otters on a warm raft';
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Tokens that tell by themselves whose they are, as those would make them who hope that somebody reads that (RFC 7519):
 * unsigned, signed with what is known or given along, with keys to be fetched. `hashes` are what a thief of the database has.
 */
function forgeries(user: string, url: string, hashes: readonly string[]): string[] {
  const body = encode({ sub: user, iss: url, aud: 'okpay', role: 'admin', exp: 4_102_444_800 });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const hmac = (header: object, key: string) => {
    const head = `${encode({ typ: 'JWT', ...header })}.${body}`;
    return `${head}.${createHmac('sha256', key).update(head).digest('base64url')}`;
  };
  const rsa = (header: object) => {
    const head = `${encode({ typ: 'JWT', alg: 'RS256', ...header })}.${body}`;
    return `${head}.${createSign('sha256').update(head).sign(privateKey).toString('base64url')}`;
  };
  const bare = ['none', 'None', 'NONE', 'nOnE'].map((alg) => `${encode({ alg, typ: 'JWT' })}.${body}.`);
  return [
    ...bare,
    hmac({ alg: 'HS256' }, ''),
    hmac({ alg: 'HS256' }, 'secret'),
    hmac({ alg: 'HS256' }, pem),
    ...hashes.map((hash) => hmac({ alg: 'HS256' }, hash)),
    hmac({ alg: 'HS256', kid: '/dev/null' }, ''),
    hmac({ alg: 'HS256', kid: "' UNION SELECT 'x" }, 'x'),
    rsa({ jwk: publicKey.export({ format: 'jwk' }) }),
    rsa({ jku: `${url}/keys` }),
    rsa({ x5u: `${url}/certificate` }),
  ];
}

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await harness.holder('alice');
  });
  afterEach(() => harness.close());

  /** Everything here that lets somebody do something, and where each is presented: true when it is taken. */
  async function open() {
    const call = harness.call;
    const deviceLogin = { email: alice.email, password: PASSWORD };
    const { deviceToken = '' } = await call('log-in', deviceLogin);
    const { secret } = await tokenOf(harness, alice, { scopes: ['read'] });
    const { registration } = await call('register', {
      email: 'new@example.com',
      displayName: 'New',
      password: NEW,
    });
    const { reset } = await call('forgot-password', { email: alice.email });
    const { unlock } = await call('request-unlock', { email: alice.email });
    const { change } = await alice.client.call('change-email', { email: 'moved@example.com' });
    const verifyMail = await harness.nextMail('new@example.com', 'verify');
    const resetMail = await harness.nextMail(alice.email, 'forgot-password');
    const unlockMail = await harness.nextMail(alice.email, 'unlock');
    const changeMail = await harness.nextMail('moved@example.com', 'change-email');
    const [proof = ''] = /OKP-[\w-]+/.exec(unlockMail.text) ?? [];
    const tokens: Record<string, string> = {
      session: alice.token,
      program: secret,
      device: deviceToken,
      'registration code': verifyMail.code ?? '',
      'registration link': verifyMail.token ?? '',
      'reset code': resetMail.code ?? '',
      'reset link': resetMail.token ?? '',
      'unlock code': unlockMail.code ?? '',
      'unlock link': unlockMail.token ?? '',
      'address code': changeMail.code ?? '',
      'proof of a mail': proof,
    };
    const taken = async (asked: Promise<unknown>) =>
      asked.then(
        () => true,
        () => false,
      );
    const places: Record<string, (token: string) => Promise<boolean>> = {
      'what takes a session': (token) => taken(harness.client(token).call('list-tokens', {})),
      'what a program may': (token) => taken(harness.client(token).call('list-balances', {})),
      'a login from a known device': async (token) =>
        (await call('log-in', { ...deviceLogin, deviceToken: token })).deviceToken === undefined,
      'support verify': (code) =>
        call('verify-support-code', { code }).then(
          ({ genuine }) => genuine,
          () => false,
        ),
      'verify the address': (code) => taken(call('verify-email', { registration, code })),
      unlock: (code) => taken(call('confirm-unlock', { unlock, code })),
      'set a password': (code) => taken(call('reset-password', { reset, code, password: 'short' })),
      'move the address': (code) => taken(alice.client.call('confirm-email', { change, code })),
    };
    return { tokens, places };
  }

  /** Tries at mailed codes are few; here each is to be looked at. */
  const forgetTries = () =>
    harness.service.deps.engine.transact(async (tx) => {
      for (const table of ['registrations', 'mailed_codes']) await tx.run(`UPDATE ${table} SET attempts = 0`);
      await tx.run('DELETE FROM throttles');
    });

  it('each token is taken where it is meant to be and nowhere else (ASVS V9.2.3)', async () => {
    const { tokens, places } = await open();
    const meantFor: Record<string, readonly string[]> = {
      'what takes a session': ['session'],
      'what a program may': ['session', 'program'],
      'a login from a known device': ['device'],
      'support verify': ['proof of a mail'],
      'verify the address': ['registration code', 'registration link'],
      unlock: ['unlock code', 'unlock link'],
      'set a password': ['reset code', 'reset link'],
      'move the address': ['address code'],
    };
    for (const token of Object.values(tokens)) expect(token).not.toBe('');
    for (const [place, isTaken] of Object.entries(places)) {
      const meant = meantFor[place] ?? [];
      for (const [name, token] of Object.entries(tokens)) {
        if (meant.includes(name)) continue;
        await forgetTries();
        expect([place, name, await isTaken(token)]).toEqual([place, name, false]);
      }
    }
    // The control: each is taken where it is meant to be, but for a password that is too short, which says so.
    for (const [place, isTaken] of Object.entries(places)) {
      const [name = ''] = meantFor[place] ?? [];
      await forgetTries();
      if (place !== 'set a password')
        expect([place, await isTaken(tokens[name] ?? '')]).toEqual([place, true]);
    }
  });

  it('no token speaks for itself: whatever it says, signs or brings along is nothing (ASVS V9.1.1, V9.1.2, V9.1.3)', async () => {
    const { places, tokens } = await open();
    const fetched: string[] = [];
    const server = createServer((request, response) => {
      fetched.push(request.url ?? '');
      response.end('{"keys": []}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { url } = await harness.serve();
      const theirs = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const forged = forgeries(alice.id, theirs, [
        tokenHashOf(alice.token),
        tokenHashOf(tokens['reset link'] ?? ''),
      ]);
      const all = [...forged, ...forged.flatMap((token) => [`okp_${token}`, `okt_${token}`])];
      for (const token of all) {
        await forgetTries();
        for (const [place, isTaken] of Object.entries(places))
          if (!place.startsWith('a login'))
            expect([place, token, await isTaken(token)]).toEqual([place, token, false]);
      }
      await forgetTries();
      for (const token of forged) {
        const answer = await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
        expect([answer.status, token]).toEqual([expect.toBeOneOf([401, 429]), token]);
        for (const page of ['reset', 'unlock', 'verify']) {
          await forgetTries();
          const { status } = await fetch(`${url}/${page}?token=${encodeURIComponent(token)}`);
          expect([page, status >= 400, token]).toEqual([page, true, token]);
        }
      }
      expect(fetched).toEqual([]);
      // The control: what is kept of a token, looked up, gets in, and that server can be reached.
      expect(await places['what takes a session']?.(alice.token)).toBe(true);
      await fetch(`${theirs}/keys`);
      expect(fetched).toEqual(['/keys']);
    } finally {
      server.close();
    }
  });

  it('what is sealed names its key only, and no other algorithm or place of keys (ASVS V9.1.2, V9.1.3)', () => {
    const { keyring } = harness.service.deps;
    const sealed = keyring.seal('a purpose', Buffer.from('plain'));
    const [name = '', rest = ''] = sealed.split('.');
    for (const key of [
      '',
      'none',
      '../okpay',
      '/dev/null',
      '__proto__',
      'constructor',
      'http://127.0.0.1/',
      `${name}x`,
    ])
      expect(() => keyring.open('a purpose', `${key}.${rest}`)).toThrow(/keys/i);
    for (const cut of [
      rest.slice(0, -1),
      rest.slice(0, 20),
      '',
      `${rest.slice(0, -1)}${rest.endsWith('A') ? 'B' : 'A'}`,
    ])
      expect(() => keyring.open('a purpose', `${name}.${cut}`)).toThrow(/keys/i);
    expect(() => openKeyring(undefined).open('a purpose', sealed)).toThrow(/keys/i);
    // The control: as it was, it opens.
    expect(Buffer.from(keyring.open('a purpose', sealed)).toString()).toBe('plain');
  });
});
