import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { create } from 'qrcode';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { drawQr } from '../../src/commands/show/qr.ts';
import { authenticator, type Authenticator } from '../authenticator.ts';
import { PASSWORD } from '../harness.ts';
import { fund } from '../service/money/wallet.ts';
import { document, openPaying, type Paying } from './paying.ts';
import { newHome, runCommand, type Settings } from './run-command.ts';

const STEP_MS = 30_000;
const DAY_MS = 24 * 3_600_000;
const SESSION = {
  token: 'okp_old',
  session: 'ses_1',
  email: 'ann@example.com',
  expiresAt: '2027-01-01T00:00:00Z',
};
const PAYEE = {
  id: 'pay_1',
  name: 'Bob',
  to: { name: 'Bob', email: 'bob@example.com' },
  createdAt: '2026-11-23T12:00:00Z',
};

let paying: Paying;
beforeEach(async () => {
  paying = await openPaying();
  await fund(paying.harness, paying.alice, '1000');
});
afterEach(() => paying.close());

const saved = (home: string) =>
  JSON.parse(readFileSync(join(home, 'sessions', 'default.json'), 'utf8')) as typeof SESSION;
/** Alice's commands with a session of her own on the disk. */
const okpay = (line: string, settings: Settings = {}) =>
  paying.line(line, { ...settings, environment: { OKPAY_TOKEN: '', ...settings.environment } });
const logIn = (settings: Settings = {}, flags = '') =>
  okpay(`login --email alice@example.com --password-stdin${flags}`, { stdin: PASSWORD, ...settings });
/** A file that only its owner can read. */
const secretIn = (text: string, mode = 0o600) => {
  const path = join(newHome(), 'secret');
  writeFileSync(path, text, { mode });
  return path;
};
const later = () => paying.harness.clock.advance(2 * STEP_MS);

describe('okpay 2fa enable', () => {
  test('shows the secret as a QR code, as text and as an address, and asks for a first code', async () => {
    await logIn();
    let app: Authenticator | undefined;
    const { harness } = paying;
    const outcome = await paying.okpay(['2fa', 'enable'], {
      environment: { OKPAY_TOKEN: '', NO_COLOR: '1' },
      keys: [`${PASSWORD}\r`, '000000\r', 'CODE\r'],
      between: async (call, reach) => {
        // What somebody types who has scanned what is shown.
        if (call.operation === 'enable-second-factor' && (call.input as { code: string }).code === 'CODE')
          Object.assign(call.input as object, { code: app?.codeAt(harness.clock.now()) });
        const output = await reach();
        if (call.operation === 'begin-second-factor')
          app = authenticator((output as { secret: string }).secret);
        return output;
      },
    });
    expect(outcome.exitCode).toBe(0);
    const secret = app?.secret ?? '';
    const uri = `otpauth://totp/OKpay:alice%40example.com?secret=${secret}&issuer=OKpay`;
    const { lines } = await drawQr(uri, false);
    expect(outcome.stderr).toContain(lines.join('\n'));
    expect(outcome.stderr).toContain((secret.match(/.{4}/g) ?? []).join(' '));
    expect(outcome.stderr).toContain(`\n${uri}\n`);
    expect(outcome.stderr).toContain('The code is not right');
    expect(outcome.stdout).toContain('The second factor is on.');
    expect(outcome.stdout.match(/([0-9A-Z]{4}-){3}[0-9A-Z]{4}/g)).toHaveLength(10);
    // The answer may be kept in a log; the secret is no part of it.
    expect(outcome.stdout).not.toContain(secret);
    expect((await okpay('2fa status')).stdout).toMatch(/Second factor: +on\n.*\nRecovery codes left: 10\n/);
  });

  test('in a program keeps the secret in a new file that OKPAY_TOTP_SECRET can name', async () => {
    await logIn();
    const path = join(newHome(), 'totp');
    const enable = `2fa enable --password-stdin --secret-file ${path} --json`;
    const outcome = await okpay(enable, { stdin: PASSWORD });
    expect([outcome.exitCode, outcome.stderr]).toEqual([0, '']);
    expect(document<{ recoveryCodes: string[] }>(outcome).recoveryCodes).toHaveLength(10);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(outcome.stdout).not.toContain(readFileSync(path, 'utf8').trim());
    expect((await okpay(enable, { stdin: PASSWORD })).exitCode).toBe(6);
    later();
    expect((await logIn({ environment: { OKPAY_TOTP_SECRET: path, CI: '1' } })).exitCode).toBe(0);
  });

  test('without a terminal says which flag it takes, before anything is asked of the service', async () => {
    await logIn();
    const { exitCode, stderr, calls } = await okpay('2fa enable --password-stdin', { stdin: PASSWORD });
    expect([exitCode, calls]).toEqual([2, []]);
    expect(stderr).toContain('--secret-file');
  });
});

describe('a QR code', () => {
  const TEXT =
    'otpauth://totp/OKpay:alice%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=OKpay';

  test.each([
    ['black on white', true],
    ['without colour, light on dark', false],
  ])('is drawn as it is, %s', async (_, colour) => {
    const { lines, width } = await drawQr(TEXT, colour);
    const { modules } = create(TEXT, { errorCorrectionLevel: 'L' });
    expect(width).toBe(modules.size + 8);
    expect(width).toBeLessThan(80);
    const drawn = lines.flatMap((line) => {
      const halves = [...line.replace(/\u001b\[[\d;]*m/g, '')];
      return ['▀', '▄'].map((half) => halves.map((each) => (each === '█' || each === half) === colour));
    });
    for (let y = 0; y < modules.size; y++)
      for (let x = 0; x < modules.size; x++) expect(drawn[y + 4]?.[x + 4]).toBe(modules.get(y, x) === 1);
    for (const at of [0, 3, width - 1]) expect(drawn[at]?.some((dark) => dark)).toBe(false);
  });

  test('that the terminal has no room for is left out, and the rest is there', async () => {
    const { stderr } = await runCommand(['2fa', 'enable'], {
      keys: ['a long password\r', '123456\r'],
      environment: { OKPAY_TOKEN: 'okp_x' },
      answers: {
        'begin-second-factor': { secret: 'GEZDGNBVGY3TQOJQ', uri: `${TEXT}${'x'.repeat(600)}`, codeAt: '' },
        'enable-second-factor': { recoveryCodes: [], sessionsEnded: 0 },
      },
    });
    expect(stderr).toContain('The terminal is too narrow for the QR code');
    expect(stderr).toContain('GEZD GNBV GY3T QOJQ');
  });
});

describe('okpay login with a second factor', () => {
  let app: Authenticator;
  beforeEach(async () => {
    app = await paying.harness.enableFactor(paying.alice.token);
    later();
  });
  const code = () => app.codeAt(paying.harness.clock.now());

  test('asks for the code at a terminal, again when it was mistyped', async () => {
    const outcome = await okpay('login --email alice@example.com', {
      keys: [`${PASSWORD}\r`, '000000\r', `${code()}\r`],
    });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stderr).toContain('This account has a second factor.');
    expect(outcome.stderr).toContain('The code is not right');
    expect(outcome.stdout).toContain('Logged in as');
  });

  test('takes a recovery code as well', async () => {
    const keys = [`${PASSWORD}\r`, `${app.recoveryCodes[0]}\r`];
    expect((await okpay('login --email alice@example.com', { keys })).exitCode).toBe(0);
  });

  test('takes the code from stdin or a file, like the password', async () => {
    const path = secretIn(PASSWORD);
    const fromStdin = await okpay(`login --email alice@example.com --password-file ${path} --code-stdin`, {
      stdin: `${code()}\n`,
    });
    expect(fromStdin.exitCode).toBe(0);
    later();
    expect((await logIn({}, ` --code-file ${secretIn(code())}`)).exitCode).toBe(0);
    later();
    const open = await logIn({}, ` --code-file ${secretIn(code(), 0o644)}`);
    expect([open.exitCode, open.calls]).toEqual([2, []]);
    expect((await logIn({}, ' --code-stdin')).stderr).toContain('Only one of the two can come from stdin');
  });

  test('in CI makes the code from OKPAY_TOTP_SECRET: the secret, its address, or a private file', async () => {
    const { secret } = app;
    for (const given of [secret, `otpauth://totp/x?secret=${secret}`, secretIn(`${secret}\n`)]) {
      const outcome = await logIn({ environment: { OKPAY_TOTP_SECRET: given, CI: '1' } });
      expect(outcome.exitCode).toBe(0);
      expect(outcome.stdout + outcome.stderr).not.toContain(secret);
      later();
    }
    for (const given of [secretIn(secret, 0o644), `${secret}1`, '/nowhere', secretIn('nothing')]) {
      const outcome = await logIn({ environment: { OKPAY_TOTP_SECRET: given } });
      expect(outcome.exitCode).toBe(2);
      expect(outcome.stdout + outcome.stderr).not.toContain(secret);
    }
  });

  test.each([-DAY_MS, DAY_MS])(
    'does not mind a clock that is %i ms off: the service’s counts (ASVS V6.5.8)',
    async (off) => {
      const now = () => paying.harness.clock.now() + off;
      expect((await logIn({ environment: { OKPAY_TOTP_SECRET: app.secret }, now })).exitCode).toBe(0);
      // The control: a code by that clock is refused.
      later();
      const wrong = await logIn({ now }, ` --code-file ${secretIn(app.codeAt(now()))}`);
      expect(wrong.exitCode).toBe(4);
    },
  );

  test('where nobody can be asked ends with exit code 4, and says how it goes', async () => {
    const { exitCode, stderr, stdout } = await logIn();
    expect(exitCode).toBe(4);
    expect(stderr).toContain('is needed too');
    expect(stderr).toContain('okpay help environment');
    expect(stdout).toBe('');
    expect(JSON.parse((await logIn({}, ' --json')).stdout)).toMatchObject({
      error: { code: 'second_factor_required' },
    });
  });

  test('with a secret that is another one tries twice, and no more', async () => {
    const { exitCode, calls } = await logIn({
      environment: { OKPAY_TOTP_SECRET: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' },
    });
    expect(exitCode).toBe(4);
    expect(calls.filter(({ input }) => 'code' in (input as object))).toHaveLength(2);
  });

  test('waits for the next code as long as the service says', async () => {
    let asked = 0;
    const outcome = await runCommand(['login', '--email', 'ann@example.com', '--password-stdin'], {
      stdin: PASSWORD,
      environment: { OKPAY_TOTP_SECRET: app.secret },
      answers: {
        'log-in': ({ code }: { code?: string }) => {
          asked += 1;
          if (code === undefined)
            throw new Refusal('second_factor_required', {
              codeAt: new Date(asked * 1e9).toISOString(),
              retryAfter: '1',
            });
          expect(code).toBe(app.codeAt(1e9));
          return { token: 'okp_x', session: 'ses_1', expiresAt: '2027-01-01T00:00:00Z', user: USER };
        },
      },
    });
    expect([outcome.exitCode, asked]).toEqual([0, 2]);
    expect(outcome.stderr).toContain('waiting 1 seconds for the next one');
  });
});

const USER = { id: 'usr_1', email: 'ann@example.com', displayName: 'Ann', createdAt: '2026-11-23T12:00:00Z' };

describe('a proof that is asked for', () => {
  test('is given with the password, and the command goes on with the new token, which is saved', async () => {
    await logIn();
    const before = saved(paying.home);
    paying.harness.clock.advance(6 * 60_000);
    const outcome = await okpay('payee add Bob bob@example.com', { keys: [`${PASSWORD}\r`] });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stderr).toContain('This asks for your password once more.');
    expect(outcome.stdout).toContain('is saved as');
    expect(outcome.calls.map(({ operation }) => operation)).toEqual([
      'create-payee',
      'prove',
      'create-payee',
    ]);
    const after = saved(paying.home);
    expect(after).toEqual({ ...before, token: after.token });
    expect(after.token).not.toBe(before.token);
    expect(outcome.calls.map(({ token }) => token)).toEqual([before.token, before.token, after.token]);
    expect((await okpay('balance')).exitCode).toBe(0);
  });

  test('is given with a code made from the secret, or the password of the environment, where nobody is', async () => {
    await logIn();
    paying.harness.clock.advance(6 * 60_000);
    const byPassword = await okpay('payee add Bob bob@example.com', {
      environment: { OKPAY_PASSWORD: PASSWORD },
    });
    expect(byPassword.exitCode).toBe(0);
    const { secret } = await paying.harness.enableFactor(saved(paying.home).token);
    paying.harness.clock.advance(6 * 60_000);
    const environment = { OKPAY_TOTP_SECRET: secret };
    const byCode = await okpay('payee add Carol carol@example.com', { environment });
    expect(byCode.exitCode).toBe(0);
    expect(byCode.calls.filter(({ operation }) => operation === 'prove')).toHaveLength(2);
  });

  test('that nobody can give ends with exit code 4, and so does one for a token of the environment', async () => {
    await logIn();
    paying.harness.clock.advance(6 * 60_000);
    const line = 'payee add Bob bob@example.com';
    const nobody = await okpay(line);
    expect(nobody.exitCode).toBe(4);
    expect(nobody.stderr).toContain('okpay login');
    const given = await okpay(line, {
      environment: { OKPAY_TOKEN: saved(paying.home).token, OKPAY_PASSWORD: PASSWORD },
    });
    expect([given.exitCode, given.calls.length]).toEqual([4, 1]);
  });

  test('is given once: a service that asks for ever is not answered for ever', async () => {
    const home = newHome();
    await runCommand(['login', '--email', 'ann@example.com', '--password-stdin'], {
      home,
      stdin: PASSWORD,
      answers: { 'log-in': { ...SESSION, user: USER } },
    });
    const { exitCode, calls } = await runCommand(['payee', 'add', 'Bob', 'bob@example.com'], {
      home,
      environment: { OKPAY_PASSWORD: PASSWORD },
      answers: {
        'create-payee': () => {
          throw new Refusal('proof_required', { with: 'password' });
        },
        prove: { token: 'okp_new', session: 'ses_1', provedAt: '2026-11-23T12:00:00Z' },
        'list-payees': { payees: [PAYEE] },
      },
    });
    expect([exitCode, calls.length]).toEqual([4, 3]);
    expect(saved(home).token).toBe('okp_new');
  });
});

describe('okpay send above the amount that asks for a code', () => {
  let app: Authenticator;
  beforeEach(async () => {
    app = await paying.harness.enableFactor(paying.alice.token);
    later();
    const environment = { OKPAY_TOTP_SECRET: app.secret };
    const set = await paying.line('limit confirm 100 eur', { environment });
    expect(set.exitCode).toBe(0);
    expect(set.stdout).toBe('From now on a payment of more than 100.00 EUR asks for a code.\n');
    later();
  });

  test('asks at a terminal, after the price was agreed to', async () => {
    const code = app.codeAt(paying.harness.clock.now());
    const outcome = await paying.line('send bob@example.com 200 EUR', { keys: ['y\r', `${code}\r`] });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stderr).toContain('This pays 200.00 EUR, and you asked for a code above 100.00 EUR.');
    expect([await paying.payments(), paying.open()]).toEqual([1, []]);
  });

  test('is not sent when Ctrl-C answers that question, and leaves nothing to settle', async () => {
    const outcome = await paying.line('send bob@example.com 200 EUR', { keys: ['y\r', '\u0003'] });
    expect(outcome.exitCode).toBe(130);
    expect([await paying.payments(), paying.open()]).toEqual([0, []]);
  });

  test('makes it from the secret where nobody is, and does not without', async () => {
    const line = 'send bob@example.com 200 EUR --yes';
    const without = await paying.line(line);
    expect(without.exitCode).toBe(4);
    expect([await paying.payments(), paying.open()]).toEqual([0, []]);
    const outcome = await paying.line(line, { environment: { OKPAY_TOTP_SECRET: app.secret } });
    expect(outcome.exitCode).toBe(0);
    expect((await paying.line('send bob@example.com 100 EUR --yes')).exitCode).toBe(0);
    expect(await paying.payments()).toBe(2);
  });

  test('whose answer was lost is told without a code: it is paid once', async () => {
    let lost = 0;
    const line = 'send bob@example.com 200 EUR --yes';
    const first = await paying.line(line, {
      environment: { OKPAY_TOTP_SECRET: app.secret },
      between: async (call, reach) => {
        const output = await reach();
        if (call.operation !== 'create-transfer') return output;
        lost += 1;
        throw new Refusal('outcome_unknown');
      },
    });
    expect([first.exitCode, lost, paying.open().length]).toEqual([10, 1, 1]);
    const again = await paying.line(line);
    expect(again.exitCode).toBe(0);
    expect(again.stderr).toContain('An earlier send of this was interrupted.');
    expect([await paying.payments(), paying.open()]).toEqual([1, []]);
  });

  test('is stopped asking by limit confirm --none', async () => {
    const environment = { OKPAY_TOTP_SECRET: app.secret };
    expect((await paying.line('limit confirm --none EUR', { environment })).stdout).toContain(
      'no payment in EUR asks for a code',
    );
    expect((await paying.line('send bob@example.com 200 EUR --yes')).exitCode).toBe(0);
    for (const line of [
      'limit confirm',
      'limit confirm 1',
      'limit confirm --none',
      'limit confirm --none 1 EUR',
    ])
      expect((await paying.line(line)).exitCode).toBe(2);
  });
});

describe('okpay 2fa codes and disable', () => {
  test('ask for a code by themselves', async () => {
    const app = await paying.harness.enableFactor(paying.alice.token);
    later();
    const keys = [`${app.codeAt(paying.harness.clock.now())}\r`];
    const codes = await paying.line('2fa codes', { keys });
    expect(codes.exitCode).toBe(0);
    expect(codes.stdout.match(/([0-9A-Z]{4}-){3}[0-9A-Z]{4}/g)).toHaveLength(10);
    later();
    const off = await paying.line('2fa disable', {
      keys: [`${PASSWORD}\r`, `${app.codeAt(paying.harness.clock.now())}\r`],
    });
    expect(off.exitCode).toBe(0);
    expect(off.stdout).toContain('The second factor is off');
    expect((await paying.line('2fa status')).stdout).toContain('okpay 2fa enable');
    expect((await paying.line('2fa codes')).exitCode).toBe(6);
    expect(existsSync(join(paying.home, 'sessions'))).toBe(false);
  });
});
