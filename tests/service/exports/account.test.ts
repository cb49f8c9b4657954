import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBundle } from '../../../src/core/account-bundle.ts';
import { verifyChain } from '../../../src/service/audit-log/verify.ts';
import { accountBundle } from '../../../src/service/exports/account-bundle.ts';
import { recordsAbout } from '../../../src/service/store/audit-log.ts';
import type { Reader, Writer } from '../../../src/service/store/engine/engine.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, fund, person, refusalOf, send } from '../money/wallet.ts';

type Line = Record<string, unknown> & { balanceAfter: { amount: string }; amount: { amount: string } };

const FILES = [
  'profile.jsonl',
  'balances.jsonl',
  'transactions.jsonl',
  'activity.jsonl',
  'payees.jsonl',
  'bank-accounts.jsonl',
  'withdrawals.jsonl',
  'sessions.jsonl',
  'devices.jsonl',
  'tokens.jsonl',
  'restrictions.jsonl',
  'approvals.jsonl',
  'notes.jsonl',
  'cases.jsonl',
  'messages.jsonl',
  'mails.jsonl',
  'manifest.json',
  'SHA256SUMS',
];

eachEngine((engine) => {
  let harness: Harness;
  let senior: Holder;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    senior = await person(harness, 'sam', 'senior');
    [alice, bob] = [await person(harness, 'alice'), await person(harness, 'bob')];
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const filesOf = async (stream: AsyncIterable<string>): Promise<Record<string, string>> => {
    const files: Record<string, string> = {};
    for await (const { file, text } of readBundle(stream)) files[file] = (files[file] ?? '') + text;
    return files;
  };
  const taken = async (holder: string, who: Holder = senior): Promise<Record<string, string>> =>
    filesOf(await who.client.stream('export-account', { holder, reason: 'Case 17' }));
  const linesOf = (text = ''): Line[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);

  /** A row in every table that tells of a holder, each with a secret where the table has one. */
  const fillTables = async (tx: Writer, user: string, mark: string): Promise<void> => {
    const { deps } = harness.service;
    const at = new Date(deps.now()).toISOString();
    const [secret, kase] = [`secret-${mark}`, deps.newId('case')];
    const insert = (table: string, row: Record<string, string | bigint>) =>
      tx.run(
        `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
          .map(() => '?')
          .join(', ')})`,
        Object.values(row),
      );
    const [by, reason] = [senior.id, `reason ${mark}`];
    await tx.run('UPDATE users SET password_hash = ? WHERE id = ?', [secret, user]);
    const payee = {
      id: deps.newId('payee'),
      owner: user,
      name: `payee ${mark}`,
      name_key: mark,
      recipient: user,
    };
    await insert('payees', { ...payee, created_at: at });
    const bank = {
      id: deps.newId('bankAccount'),
      user_id: user,
      country: 'NL',
      currency: 'EUR',
      details: '{}',
    };
    const named = { holder_name: `bank ${mark}`, number_key: mark, name_check: 'none' };
    await insert('bank_accounts', { ...bank, ...named, added_at: at, usable_from: at });
    const withdrawal = {
      id: deps.newId('withdrawal'),
      user_id: user,
      bank_account: bank.id,
      currency: 'EUR',
    };
    const figures = { paid: 1n, fee: 0n, amount: 1n, quote: 'none', hold: deps.newId('hold'), moves: '[]' };
    await insert('withdrawals', {
      ...withdrawal,
      ...figures,
      key: `${secret}-key`,
      fingerprint: secret,
      state: 'requested',
      requested_at: at,
      // There is no money behind it, so that no job may look at it.
      due_at: '9999-01-01T00:00:00.000Z',
    });
    const device = {
      id: deps.newId('device'),
      user_id: user,
      token_hash: `${secret}-device`,
      name: `device ${mark}`,
      network: 'console',
    };
    await insert('devices', { ...device, created_at: at, last_used_at: at });
    await insert('second_factors', { user_id: user, secret, created_at: at });
    await insert('recovery_codes', { code_hash: `${secret}-code`, user_id: user, created_at: at });
    const token = {
      id: deps.newId('token'),
      user_id: user,
      name: `token ${mark}`,
      name_key: `token ${mark}`,
      token_hash: `${secret}-token`,
    };
    await insert('tokens', { ...token, scopes: '["read"]', caps: '{}', created_at: at, expires_at: at });
    const mail = {
      id: deps.newId('mail'),
      user_id: user,
      kind: 'welcome',
      subject: `mail ${mark}`,
      address: `${mark}@example.com`,
      event: deps.newId('mail'),
      sent_at: at,
    };
    await insert('sent_mails', { ...mail, proof_hash: secret });
    const restriction = { id: deps.newId('restriction'), user_id: user, capability: 'send', reason };
    await insert('restrictions', { ...restriction, in_flight: 'finish', made_by: by, made_at: at });
    const approval = {
      id: deps.newId('approval'),
      act: 'unlock',
      subject: user,
      input: `{"secret":"${secret}"}`,
    };
    await insert('approvals', { ...approval, reason, state: 'asked', asked_by: by, asked_at: at });
    await insert('notes', {
      id: deps.newId('note'),
      user_id: user,
      author: by,
      text: `note ${mark}`,
      created_at: at,
    });
    const opened = { id: kase, user_id: user, title: `case ${mark}`, state: 'open', opened_by: user };
    await insert('cases', { ...opened, opened_at: at });
    const message = { id: deps.newId('message'), case_id: kase, author: user, text: `message ${mark}` };
    await insert('case_messages', { ...message, from_staff: 0n, created_at: at });
  };

  test('a bundle has a file for everything that is known, with counts and digests, and no secret (ASVS V14.2.6)', async () => {
    const { deps } = harness.service;
    await fund(harness, alice, '100');
    await send(alice, bob.email, '12.50 EUR');
    await deps.engine.transact(async (tx) => {
      await fillTables(tx, alice.id, 'of-alice');
      await fillTables(tx, bob.id, 'of-bob');
    });
    const files = await taken(alice.email);
    expect(Object.keys(files)).toEqual(FILES);
    for (const file of FILES.slice(0, -2))
      expect([file, linesOf(files[file]).length > 0]).toEqual([file, true]);
    expect(linesOf(files['profile.jsonl'])).toMatchObject([{ id: alice.id, email: alice.email }]);
    expect(linesOf(files['messages.jsonl'])).toMatchObject([{ text: 'message of-alice', from: 'holder' }]);
    const whole = Object.values(files).join('');
    expect(whole).not.toContain('secret-');
    expect(whole).not.toContain(alice.token);
    // Nothing of anybody else but the name of who was paid (ASVS V8.2.2).
    expect(whole).not.toContain('of-bob');
    expect(whole).not.toContain(bob.email);

    const manifest = JSON.parse(files['manifest.json'] ?? '') as {
      files: { file: string; rows: number; bytes: number; sha256: string }[];
      auditLog: { seq: string; hash: string };
    };
    expect(manifest).toMatchObject({
      holder: alice.id,
      takenAt: new Date(harness.clock.now()).toISOString(),
      takenBy: senior.id,
      reason: 'Case 17',
    });
    for (const { file, rows, bytes, sha256 } of manifest.files) {
      const text = files[file] ?? '';
      expect([rows, bytes]).toEqual([linesOf(text).length, Buffer.byteLength(text)]);
      expect(sha256).toBe(createHash('sha256').update(text).digest('hex'));
    }
    const { head } = await verifyChain(deps.engine);
    const [seq, hash] = (head ?? '').split(':');
    expect(manifest.auditLog).toEqual({ seq, hash });
    // The taking itself is in the log, sealed.
    expect(linesOf(files['activity.jsonl']).at(-1)).toMatchObject({
      action: 'account-exported',
      actor: senior.id,
      reason: 'Case 17',
      seq: Number(seq),
    });
  });

  test('a bundle agrees with itself, whatever is paid meanwhile', async () => {
    for (let at = 0; at < 210; at++) await fund(harness, alice, '1');
    const differs = async (stream: AsyncIterable<string>): Promise<boolean> => {
      const busy = async function* () {
        let payments = 0;
        for await (const piece of stream) {
          yield piece;
          if (payments++ < 6) await fund(harness, alice, '5');
        }
      };
      const files = await filesOf(busy());
      const [balance] = linesOf(files['balances.jsonl']) as { balance?: { amount: string } }[];
      const rows = linesOf(files['transactions.jsonl']);
      const sum = rows.reduce((total, { amount }) => total + Number(amount.amount), 0);
      expect(rows.at(-1)?.balanceAfter.amount).toBe(sum.toFixed(2));
      return balance?.balance?.amount !== sum.toFixed(2);
    };
    expect(
      await differs(await senior.client.stream('export-account', { holder: alice.id, reason: 'x' })),
    ).toBe(false);
    // The control: read from the database as it goes on.
    const live: Reader = harness.service.deps.engine;
    const about = { holder: alice.id, takenAt: '', takenBy: '', reason: '' };
    expect(await differs(accountBundle(live, about))).toBe(true);
  });

  test('an account in which nothing happened is a bundle too', async () => {
    const files = await taken(bob.id);
    expect(Object.keys(files)).toEqual(FILES);
    expect([files['balances.jsonl'], files['transactions.jsonl']]).toEqual(['', '']);
  });

  test('is for seniors, of somebody who is there, and recorded though nobody reads it', async () => {
    for (const role of ['viewer', 'support', null])
      await refusalOf(taken(alice.id, await person(harness, `x${role}`, role)), 'role_insufficient');
    await refusalOf(taken('nobody@example.com'), 'not_found');
    const { engine: db } = harness.service.deps;
    expect(await recordsAbout(db, alice.id, { limit: 9 })).toEqual([]);
    await senior.client.stream('export-account', { holder: alice.id, reason: 'Case 17' });
    expect(await recordsAbout(db, alice.id, { limit: 9 })).toMatchObject([
      { action: 'account-exported', actor: senior.id, reason: 'Case 17' },
    ]);
  });

  test('comes whole over HTTP', async () => {
    await fund(harness, alice, '100');
    const { url } = await harness.serve();
    const response = await fetch(`${url}/v1/admin/exports/account`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${senior.token}` },
      body: JSON.stringify({ holder: alice.email, reason: 'Case 17' }),
    });
    const text = await response.text();
    const files = await filesOf(
      (async function* () {
        yield text;
      })(),
    );
    expect(linesOf(files['transactions.jsonl'])).toHaveLength(1);
  });
});
