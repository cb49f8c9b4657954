import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Input } from '../../../src/core/contract/operations.ts';
import { CHAIN_START, chainHash } from '../../../src/service/audit-log/chain.ts';
import { record } from '../../../src/service/audit-log/record.ts';
import { sealRecords } from '../../../src/service/audit-log/seal.ts';
import { verifyChain } from '../../../src/service/audit-log/verify.ts';
import { recordsAbout } from '../../../src/service/store/audit-log.ts';
import { rowsOf } from '../../csv-records.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { person, refusalOf } from '../money/wallet.ts';

type Asked = Partial<Input<'export-audit'>>;
type Exported = {
  record: string;
  at: string;
  action: string;
  actor: string;
  actorRole?: string;
  subject?: string;
  object?: string;
  reason?: string;
  device?: string;
  network?: string;
  facts: Record<string, string>;
  seq?: number;
  hash?: string;
};

eachEngine((engine) => {
  let harness: Harness;
  let senior: Holder;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    [senior, alice] = [await person(harness, 'sam', 'senior'), await person(harness, 'alice')];
  });
  afterEach(() => harness.close());

  const exported = async (input: Asked = {}, who: Holder = senior): Promise<string> => {
    const pieces = await who.client.stream('export-audit', { format: 'csv', reason: 'Case 17', ...input });
    let text = '';
    for await (const piece of pieces) text += piece;
    return text;
  };
  const lines = async (input: Asked = {}): Promise<Exported[]> =>
    (await exported({ ...input, format: 'jsonl' }))
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Exported);

  /** Has something recorded about a holder. */
  const happens = (subject: string, reason?: string) => {
    const { deps } = harness.service;
    const actor = { user: subject, role: undefined, address: '192.0.2.7', console: false, device: 'Laptop' };
    const draft = { action: 'logout-done', subject, reason, facts: { kind: 'x' } } as const;
    return deps.engine.transact((tx) => record(tx, deps, actor, draft));
  };

  describe('the audit log', () => {
    test('has a header that never changes, and each record once, over any number of pages', async () => {
      for (let at = 0; at < 430; at++) await happens(alice.id);
      const text = await exported();
      expect(text.slice(0, text.indexOf('\r\n'))).toBe(
        'record,at,action,actor,actor_role,subject,object,reason,device,network,facts,seq,hash',
      );
      const rows = rowsOf(text);
      expect(rows).toHaveLength(431);
      expect(new Set(rows.map((row) => row['record'])).size).toBe(431);
      expect(rows.at(-1)).toMatchObject({ action: 'audit-exported', actor: senior.id, reason: 'Case 17' });
    });

    test('of one holder has nothing about anybody else', async () => {
      const bob = await person(harness, 'bob');
      await happens(alice.id);
      await happens(bob.id);
      const rows = rowsOf(await exported({ holder: alice.email }));
      expect(rows.map(({ action, subject }) => [action, subject])).toEqual([
        ['logout-done', alice.id],
        ['audit-exported', alice.id],
      ]);
    });

    test('keeps to a period, at its edges', async () => {
      const at: string[] = [];
      for (let number = 0; number < 3; number++) {
        at.push(new Date(harness.clock.now()).toISOString());
        await happens(alice.id);
        harness.clock.advance(1);
      }
      const found = async (input: Asked) => (await lines(input)).map((each) => each.at);
      expect(await found({ since: at[1], until: at[2] })).toEqual([at[1]]);
      expect(await found({ until: at[1] })).toEqual([at[0]]);
      expect((await found({ since: at[1] })).slice(0, 2)).toEqual([at[1], at[2]]);
      expect((await lines({ since: at[1], until: at[2], offset: '+02:00' }))[0]?.at).toMatch(/\+02:00$/);
      await refusalOf(exported({ since: at[1], until: at[1] }), 'input_invalid');
    });

    test('makes reasons and devices harmless in CSV, and has them exactly in JSON Lines', async () => {
      const reason = '=cmd|" /C calc"!A0\u001b[31m';
      await happens(alice.id, reason);
      const [row] = rowsOf(await exported({ holder: alice.id }));
      expect(row?.['reason']).toBe(`'=cmd|" /C calc"!A0‹U+001B›[31m`);
      expect((await lines({ holder: alice.id }))[0]?.reason).toBe(reason);
    });

    test('as JSON Lines is enough to derive the chain again, and to see what was changed', async () => {
      for (let at = 0; at < 5; at++) await happens(alice.id, `reason ${at}`);
      await sealRecords(harness.service.deps);
      const sealed = (await lines()).filter(({ seq }) => seq !== undefined);
      const isThere = async ({ seq, hash }: { seq: string; hash: string }) =>
        (await verifyChain(harness.service.deps.engine, `${seq}:${hash}`)).broken === undefined;
      expect(await isThere(derive(sealed))).toBe(true);
      const changed = sealed.map((each, at) => (at === 2 ? { ...each, reason: 'another' } : each));
      expect(await isThere(derive(changed))).toBe(false);
    });
  });

  test('is for seniors, and what they took is recorded for whom it is about', async () => {
    for (const role of ['viewer', 'support', null])
      await refusalOf(exported({}, await person(harness, `x${role}`, role)), 'role_insufficient');
    await exported({ holder: alice.id });
    expect(await recordsAbout(harness.service.deps.engine, alice.id, { limit: 9 })).toMatchObject([
      { action: 'audit-exported', actor: senior.id, reason: 'Case 17' },
    ]);
  });
});

/** The head of the chain that these records make. */
function derive(records: readonly Exported[]): { seq: string; hash: string } {
  let { seq, hash } = CHAIN_START;
  for (const each of records) {
    seq += 1n;
    hash = chainHash(hash, seq, {
      id: each.record,
      at: each.at,
      action: each.action,
      actor: each.actor,
      actorRole: each.actorRole ?? null,
      subject: each.subject ?? null,
      object: each.object ?? null,
      reason: each.reason ?? null,
      device: each.device ?? null,
      network: each.network ?? null,
      facts: JSON.stringify(each.facts),
    });
  }
  return { seq: String(seq), hash };
}
