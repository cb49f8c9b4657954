import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Refusal } from '../../../src/core/contract/refusals.ts';
import { makeProofCode, proofHashOf } from '../../../src/service/identity/proof-codes.ts';
import { timestamp } from '../../../src/service/deps.ts';
import { insertEvent } from '../../../src/service/store/outbox.ts';
import {
  eachEngine,
  openHarness,
  PASSWORD,
  type CaughtMail,
  type Harness,
  type Holder,
} from '../../harness.ts';
import { person } from '../money/wallet.ts';

const CODE = /okpay support verify (OKP(?:-[0-9A-HJKMNP-TV-Z]{4}){3})\b/;

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await harness.holder('alice');
  });
  afterEach(() => harness.close());

  const ask = (code: string) => harness.call('verify-support-code', { code });
  const codeIn = ({ text }: CaughtMail) => CODE.exec(text)?.[1] ?? '';
  const settled = async () => {
    await expect
      .poll(async () => (await harness.service.deps.engine.all('SELECT id FROM outbox')).length)
      .toBe(0);
  };

  /** Has a mail of each kind sent to alice or to who has no account yet. */
  const everyMail = async () => {
    const bob = await person(harness, 'bob');
    const sue = await person(harness, 'sue', 'support');
    await harness.call('register', { email: alice.email, displayName: 'Alice', password: PASSWORD });
    const { engine: db, newId, now } = harness.service.deps;
    const payload = {
      to: alice.id,
      from: bob.id,
      transfer: 'trf_x',
      at: timestamp(now()),
      amount: '1.00',
      currency: 'EUR',
    };
    await db.transact((tx) =>
      insertEvent(tx, {
        id: newId('event'),
        kind: 'transfer.done',
        payload: JSON.stringify(payload),
        runAt: timestamp(now()),
      }),
    );
    const { case: opened } = await sue.client.call('open-staff-case', {
      holder: alice.id,
      title: 'x',
      text: 'x',
      reason: 'x',
    });
    await sue.client.call('reply-as-staff', { case: opened.id, text: 'y', reason: 'x' });
    await sue.client.call('close-case', { case: opened.id, reason: 'x' });
    await settled();
    return harness.mails();
  };

  test('every mail that went out carries a code of its own, by which it is known for ours', async () => {
    const mails = await everyMail();
    expect(new Set(mails.map(({ kind }) => kind))).toEqual(
      new Set([
        'verify',
        'welcome',
        'already-registered',
        'done',
        'new-device',
        'case-opened',
        'case-reply',
        'case-closed',
      ]),
    );
    expect(new Set(mails.map(codeIn)).size).toBe(mails.length);
    for (const mail of mails) {
      const { kind, subject } = mail;
      expect(await ask(codeIn(mail)), kind).toEqual({
        genuine: true,
        kind,
        subject,
        sentAt: '2026-03-02T09:00:00.000Z',
        to: 'a•••@example.com',
      });
    }
  });

  test('is told by the code however it is typed, and by nothing else', async () => {
    const [mail] = await everyMail();
    const code = codeIn(mail as CaughtMail);
    for (const typed of [
      code.toLowerCase(),
      code.replaceAll('-', ''),
      code.replaceAll('-', ' '),
      code.slice(4),
      code.replaceAll('0', 'o').replaceAll('1', 'l'),
    ])
      expect((await ask(typed)).genuine, typed).toBe(true);
    const last = code.endsWith('7') ? '8' : '7';
    for (const typed of [
      code.slice(0, -1),
      code.slice(0, -1) + last,
      `${code}0`,
      'OKP-0000-0000-0000',
      'x',
      "' OR 1=1 --",
    ])
      expect(await ask(typed), typed).toEqual({ genuine: false });
  });

  test('a message from staff is known as soon as it is written, before its mail is out', async () => {
    const sue = await person(harness, 'sue', 'support');
    const { id } = await alice.client.call('open-case', { title: 'x', text: 'x' });
    await settled();
    const { proof } = await sue.client.call('reply-as-staff', { case: id, text: 'y', reason: 'x' });
    await settled();
    const whole = await ask(proof);
    expect(whole).toMatchObject({ genuine: true, kind: 'case-reply', to: 'a•••@example.com' });
    await harness.service.deps.engine.transact((tx) => tx.run('DELETE FROM sent_mails'));
    expect(await ask(proof)).toEqual({
      genuine: true,
      kind: 'case-reply',
      sentAt: '2026-03-02T09:00:00.000Z',
      to: 'a•••@example.com',
    });
  });

  test('the database has the hashes of codes only, and addresses that are masked (ASVS V14.2.6)', async () => {
    const mails = await everyMail();
    const rows = await harness.service.deps.engine.all('SELECT * FROM sent_mails');
    expect(rows).toHaveLength(mails.length);
    const kept = JSON.stringify(rows, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    for (const mail of mails) expect(kept).not.toContain(codeIn(mail).slice(4));
    expect(kept).not.toContain(alice.email);
    const messages = await harness.service.deps.engine.all<{ hash: string }>(
      'SELECT proof_hash AS hash FROM case_messages WHERE from_staff = 1',
    );
    expect(messages.every(({ hash }) => /^[\w-]{43}$/.test(hash))).toBe(true);
  });

  test('a mail that goes out twice, after a crash, carries one code', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'okpay-keys-'));
    const keyed = await openHarness({ engine, settings: { keysPath: join(folder, 'keys') } });
    try {
      const bob = await keyed.holder('bob');
      const { newId, now } = keyed.service.deps;
      const payload = JSON.stringify({ user: bob.id, case: 'cas_x' });
      const event = { id: newId('mail'), kind: 'mail.case-closed', payload, runAt: timestamp(now()) };
      const codes: string[] = [];
      for (let time = 0; time < 2; time++) {
        await keyed.service.deps.engine.transact((tx) => insertEvent(tx, event));
        await keyed.reopen();
        await expect
          .poll(async () => (await keyed.service.deps.engine.all('SELECT id FROM outbox')).length)
          .toBe(0);
        const [mail] = (await keyed.mails()).filter(({ kind }) => kind === 'case-closed');
        codes.push(codeIn(mail as CaughtMail));
      }
      expect(codes[0]).toMatch(/^OKP-/);
      expect(codes[0]).toBe(codes[1]);
      expect(
        await keyed.service.deps.engine.all('SELECT id FROM sent_mails WHERE event = ?', [event.id]),
      ).toHaveLength(1);
    } finally {
      await keyed.close();
      rmSync(folder, { recursive: true });
    }
  });
});

test('a code has 60 random bits, and none comes twice', () => {
  const harnessless = {
    keyring: { derive: () => undefined },
    random: (count: number) => crypto.getRandomValues(new Uint8Array(count)),
  };
  const codes = Array.from({ length: 10_000 }, (_, at) =>
    makeProofCode(harnessless as unknown as Parameters<typeof makeProofCode>[0], String(at)),
  );
  expect(new Set(codes).size).toBe(codes.length);
  const letters = codes.map((code) => code.slice(4).replaceAll('-', '')).join('');
  expect(new Set(letters).size).toBe(32);
  // The control: where there are no keys to make it from, the same thing gets another code each time.
  expect(makeProofCode(harnessless as unknown as Parameters<typeof makeProofCode>[0], '0')).not.toBe(
    codes[0],
  );
  for (const code of codes.slice(0, 100)) expect(proofHashOf(code)).toMatch(/^[\w-]{43}$/);
});

test('guessing is slowed down, by where it comes from (ASVS V6.3.4)', async () => {
  const harness = await openHarness();
  try {
    const { service } = harness;
    const ask = (address: string) =>
      service.perform(
        { operation: 'verify-support-code', input: { code: 'OKP-0000-0000-0000' } },
        { console: false, address },
      );
    let answered = 0;
    for (let time = 0; time < 1_000; time++) {
      await ask('203.0.113.7').then(
        () => (answered += 1),
        (error: unknown) => expect((error as Refusal).code).toBe('too_many_attempts'),
      );
    }
    expect(answered).toBeLessThanOrEqual(20);
    await expect(ask('198.51.100.1')).resolves.toEqual({ output: { genuine: false } });
  } finally {
    await harness.close();
  }
});
