import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openService } from '../../../src/service/app.ts';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import { openPostOffice } from '../../../src/service/jobs/post-office.ts';
import { timestamp } from '../../../src/service/deps.ts';
import { insertEvent } from '../../../src/service/store/outbox.ts';
import { openHarness, PASSWORD, type Harness } from '../../harness.ts';

type Received = { mail: ParsedMail; raw: string; recipients: string[]; secure: boolean };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A real mail server on the loopback addresses, and what it received. */
async function openMailServer(
  options: SMTPServerOptions = {},
): Promise<{ port: number; received: Received[] }> {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH'],
    logger: false,
    ...options,
    onData: (stream, session, done) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const raw = Buffer.concat(pieces).toString();
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        void simpleParser(raw).then((mail) => {
          received.push({ mail, raw, recipients, secure: session.secure });
          done();
        });
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return { port: (server.server.address() as AddressInfo).port, received };
}

async function open(settings: { smtpUrl?: string; publicUrl?: string } = {}): Promise<Harness> {
  const harness = await openHarness({ settings });
  closing.push(harness.close);
  return harness;
}

const register = (harness: Harness, email = 'alice@example.com') =>
  harness.call('register', { email, displayName: 'Alice', password: PASSWORD });

describe('a mail', () => {
  it('goes to the mail server, to one address, with code and link', async () => {
    const { port, received } = await openMailServer();
    const harness = await open({ smtpUrl: `smtp://127.0.0.1:${port}`, publicUrl: 'https://pay.example.org' });
    const { registration } = await register(harness);
    await expect.poll(() => received.length).toBe(1);
    const [{ mail, recipients, raw }] = received as [Received];
    expect(recipients).toEqual(['alice@example.com']);
    expect([mail.subject, mail.from?.text, mail.cc, mail.bcc]).toEqual([
      'Confirm your e-mail address for OKpay',
      '"OKpay" <no-reply@pay.example.org>',
      undefined,
      undefined,
    ]);
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.messageId).toMatch(/^<mal_\w{26}@pay\.example\.org>$/);
    expect(mail.date?.toISOString()).toBe('2026-03-02T09:00:00.000Z');
    expect(mail.html).toBe(false);
    expect(mail.text).toMatch(/^https:\/\/pay\.example\.org\/verify\?token=[\w-]{32}$/m);
    expect(raw).not.toContain('=3D');
    const code = /okpay verify (\S+)/.exec(mail.text ?? '')?.[1] ?? '';
    await harness.call('verify-email', { registration, code });
  });

  it('tells a payee what they received, when, and from whom', async () => {
    const harness = await open();
    const [alice, bob] = [await harness.holder('alice'), await harness.holder('bob')];
    await announce(harness, { to: bob.id, from: alice.id });
    const mail = await harness.nextMail(bob.email, 'done');
    expect(mail.subject).toBe('You received 12.50 EUR');
    expect(mail.text).toContain('You received 12.50 EUR from “Alice Example”.');
    expect(mail.text).toContain('When: 2026-03-02 09:00 UTC');
    expect(mail.text).toContain('trf_x');
    await announce(harness, { to: bob.id, from: '' });
    expect((await harness.nextMail(bob.email, 'done')).text).toContain('a deposit from your bank');
  });

  it('is not sent to who wants none, or is nobody', async () => {
    const harness = await open();
    const bob = await harness.holder('bob');
    const { engine } = harness.service.deps;
    await engine.transact((tx) => tx.run('UPDATE users SET notify_received = 0 WHERE id = ?', [bob.id]));
    await announce(harness, { to: bob.id, from: '' });
    await announce(harness, { to: 'usr_nobody', from: bob.id });
    await expect.poll(() => outboxSize(harness)).toBe(0);
    expect((await harness.mails()).filter(({ kind }) => kind === 'done')).toEqual([]);
  });

  it('has no headers but ours, whatever is in a name', async () => {
    const { port, received } = await openMailServer();
    const harness = await open({ smtpUrl: `smtp://127.0.0.1:${port}` });
    const { engine } = harness.service.deps;
    const hostile = 'Eve\r\nBcc: eve@example.com\r\n\r\n<b>\u202Ehi\u0000\u001b[31m';
    const users = ['alice', 'mallory'].map((name) => ({ id: `usr_${name}`, email: `${name}@example.com` }));
    await engine.transact(async (tx) => {
      for (const { id, email } of users) {
        await tx.run(
          `INSERT INTO users (id, email, email_key, display_name, password_hash, deposit_reference, created_at)
            VALUES (?, ?, ?, ?, '', ?, '')`,
          [id, email, email, hostile, id],
        );
      }
    });
    await announce(harness, { to: 'usr_alice', from: 'usr_mallory', amount: '1\r\nBcc: eve@example.com' });
    await expect.poll(() => received.length).toBe(2);
    const [{ mail, recipients, raw }] = received.filter(({ mail }) => mail.subject?.includes('received')) as [
      Received,
    ];
    expect(recipients).toEqual(['alice@example.com']);
    expect(mail.bcc).toBeUndefined();
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(mail.text).toContain('Eve\u{fffd}\u{fffd}Bcc: eve@example.com\u{fffd}');
    const known =
      /^(auto-submitted|from|to|subject|message-id|date|content-transfer-encoding|mime-version|content-type)$/;
    for (const { key } of mail.headerLines) expect(key).toMatch(known);
    expect(raw).not.toMatch(/\u001b|\u0000/);
  });

  it('never leaves for an address with a line end in it', async () => {
    const { port, received } = await openMailServer();
    const harness = await open({ smtpUrl: `smtp://127.0.0.1:${port}` });
    const office = openPostOffice(
      { outboxDirectory: '', smtpUrl: `smtp://127.0.0.1:${port}` },
      'https://x.example',
    );
    const { signal } = new AbortController();
    const letter = {
      id: 'mal_x',
      kind: 'x',
      to: 'a@example.com\r\nBcc: eve@example.com',
      subject: 'x',
      text: 'x',
      proofHash: 'x',
    };
    await office.send(letter, 0, signal).catch(() => undefined);
    office.close();
    expect(received.flatMap(({ recipients }) => recipients)).not.toContain('eve@example.com');
    // Through the outbox it does not come so far.
    const payload = { email: letter.to, code: 'c', token: 't', expiresAt: '2099-01-01T00:00:00.000Z' };
    await put(harness, 'mail.verify', payload);
    await register(harness, 'control@example.com');
    await expect
      .poll(() => received.map(({ recipients }) => recipients.join()).at(-1))
      .toBe('control@example.com');
    expect(JSON.stringify(received.map(({ recipients }) => recipients))).not.toContain('eve');
  });
});

describe('the way to the mail server (ASVS V12.3.1, V12.3.2)', () => {
  it.each([
    ['has no TLS', { hideSTARTTLS: true, disabledCommands: ['AUTH', 'STARTTLS'] }, 'smtp'],
    ['has a certificate of its own making', {}, 'smtp'],
    ['has one, over TLS from the start', { secure: true }, 'smtps'],
  ])('is not taken on another machine that %s', async (_what, options, scheme) => {
    const { port, received } = await openMailServer(options);
    // 127.0.0.2 stands for another machine: only 127.0.0.1 counts as this one.
    const harness = await open({
      smtpUrl: `${scheme}://127.0.0.2:${port}?tls.rejectUnauthorized=false&ignoreTLS=1`,
    });
    await register(harness);
    await expect.poll(() => harness.logged.some(({ event }) => event === 'mail_failed')).toBe(true);
    expect(received).toEqual([]);
    expect(await outboxSize(harness)).toBe(1);
  });

  it('is taken without TLS on this machine, with a login when there is one', async () => {
    const logins: string[] = [];
    const { port, received } = await openMailServer({
      disabledCommands: [],
      allowInsecureAuth: true,
      authOptional: false,
      onAuth: (auth, _session, done) => {
        logins.push(`${auth.username}:${auth.password}`);
        done(null, { user: auth.username });
      },
    });
    const harness = await open({ smtpUrl: `smtp://wallet%40example.com:p%2Fss@127.0.0.1:${port}` });
    await register(harness);
    await expect.poll(() => received.length).toBe(1);
    expect(logins).toEqual(['wallet@example.com:p/ss']);
    expect(received[0]?.secure).toBe(false);
  });

  it('must be written right', async () => {
    for (const smtpUrl of ['mail.example.com', 'http://mail.example.com', 'smtp://', 'smtp:']) {
      const open = () => openPostOffice({ outboxDirectory: '', smtpUrl }, 'https://x.example');
      expect(open).toThrow(Refusal);
    }
  });
});

describe('a mail without a mail server', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'okpay-mail-'));
    closing.push(async () => rmSync(folder, { recursive: true, force: true }));
  });

  it('is a file that only its owner can read, in a folder that only they can enter', async () => {
    const harness = await open();
    await register(harness);
    await harness.nextMail('alice@example.com');
    expect(statSync(harness.outboxDirectory).mode & 0o777).toBe(0o700);
    const names = readdirSync(harness.outboxDirectory);
    expect(names).toEqual([expect.stringMatching(/^mal_[0-9a-z]{26}\.verify\.eml$/)]);
    expect(statSync(join(harness.outboxDirectory, names[0] ?? '')).mode & 0o777).toBe(0o600);
  });

  it('can be read by people as it is, and ends its lines as RFC 5322 asks', async () => {
    const harness = await open();
    await register(harness);
    await harness.nextMail('alice@example.com');
    const [name = ''] = readdirSync(harness.outboxDirectory);
    const raw = readFileSync(join(harness.outboxDirectory, name), 'utf8');
    expect(raw).toMatch(/^okpay verify [0-9A-Z]{4}-[0-9A-Z]{4}\r$/m);
    expect(raw).toMatch(/^http:\/\/127\.0\.0\.1:7227\/verify\?token=[\w-]{32}\r$/m);
    expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    for (const line of raw.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
  });

  it('is there when the service has closed: a short command leaves nothing behind', async () => {
    const outboxDirectory = join(folder, 'outbox');
    const databaseUrl = `sqlite:${join(folder, 'okpay.db')}`;
    const service = await openService({ databaseUrl, outboxDirectory, publicUrl: 'http://127.0.0.1:7227' });
    const input = { email: 'alice@example.com', displayName: 'Alice', password: PASSWORD };
    await service.perform({ operation: 'register', input }, { console: true });
    await service.close();
    expect(readdirSync(outboxDirectory)).toHaveLength(1);
  });

  it('waits, and the call is done, when the folder cannot be written', async () => {
    const harness = await openHarness({ settings: { outboxDirectory: join(folder, 'file', 'outbox') } });
    closing.push(harness.close);
    writeFileSync(join(folder, 'file'), '');
    await expect(register(harness)).resolves.toHaveProperty('registration');
    await expect.poll(() => harness.logged.some(({ event }) => event === 'mail_failed')).toBe(true);
    expect(await outboxSize(harness)).toBe(1);
  });
});

async function put(harness: Harness, kind: string, payload: Record<string, string>): Promise<void> {
  const { engine, newId, now } = harness.service.deps;
  const id = newId(kind.startsWith('mail') ? 'mail' : 'event');
  await engine.transact((tx) =>
    insertEvent(tx, { id, kind, payload: JSON.stringify(payload), runAt: timestamp(now()) }),
  );
}

/** An event as the poster writes it when money moved; then a call, so that the worker looks. */
async function announce(harness: Harness, payload: Record<string, string>): Promise<void> {
  const at = timestamp(harness.clock.now());
  await put(harness, 'transfer.done', {
    transfer: 'trf_x',
    at,
    amount: '12.50',
    currency: 'EUR',
    ...payload,
  });
  await harness.call('register', { email: 'nudge@example.com', displayName: 'Nudge', password: PASSWORD });
}

async function outboxSize(harness: Harness): Promise<number> {
  return (await harness.service.deps.engine.all('SELECT id FROM outbox')).length;
}
