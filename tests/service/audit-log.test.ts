import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openService } from '../../src/service/app.ts';
import { sealRecords } from '../../src/service/audit-log/seal.ts';
import { chainHash } from '../../src/service/audit-log/chain.ts';
import { sealedRecords } from '../../src/service/store/audit-log.ts';
import { maintenanceOf } from './maintenance/maintenance-of.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../harness.ts';

eachEngine((engine) => {
  let harness: Harness;
  let senior: Holder;
  /** What an operator noted down while all was well. */
  let head: string;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    for (const name of ['alice', 'bob', 'carol']) await harness.holder(name);
    senior = await harness.staff('senior');
    const found = await verify();
    expect(found).toEqual({ sound: true, records: expect.any(Number), head: expect.any(String) });
    expect(found.records).toBeGreaterThan(8);
    head = found.head ?? '';
    expect(head).toMatch(new RegExp(`^${found.records}:[\\w-]{43}$`));
  });
  afterEach(() => harness.close());

  const verify = (expected?: string) =>
    senior.client.call('verify-audit', expected === undefined ? {} : { expect: expected });
  const tamper = (sql: string) => harness.service.deps.engine.transact((tx) => tx.run(sql));
  const idAt = async (seq: number) =>
    (await harness.service.deps.engine.one<{ id: string }>('SELECT id FROM audit_log WHERE seq = ?', [seq]))
      ?.id;

  it('goes on from where it was, and what was noted down stays true (ASVS V16.4.2)', async () => {
    await harness.logIn('alice@example.com');
    const later = await verify(head);
    expect(later.sound).toBe(true);
    expect(later.records).toBe(Number(head.split(':')[0]) + 2);
    expect(await verify(later.head)).toEqual(later);
  });

  it('seals what waits before it looks, also when several do so at once', async () => {
    for (let at = 0; at < 20; at++) await harness.logIn('alice@example.com', 'wrong').catch(() => undefined);
    const found = await Promise.all(Array.from({ length: 3 }, () => verify()));
    expect(found.every(({ sound }) => sound)).toBe(true);
    const { engine: db } = harness.service.deps;
    expect(await db.all('SELECT id FROM audit_log WHERE seq IS NULL')).toEqual([]);
  });

  describe('names the first row that is not as it was (ASVS V16.4.2)', () => {
    const columns = ['at', 'action', 'actor', 'subject', 'object', 'reason', 'device', 'network', 'facts'];
    it.each([...columns, 'actor_role'])('after an edit of %s', async (column) => {
      const id = await idAt(4);
      await tamper(`UPDATE audit_log SET ${column} = 'forged' WHERE seq IN (4, 6)`);
      expect(await verify()).toMatchObject({
        sound: false,
        records: 3,
        broken: { seq: '4', id, why: 'is not what was sealed' },
      });
    });

    it('after an edit with a hash to match', async () => {
      await tamper(`UPDATE audit_log SET actor = 'forged' WHERE seq = 4`);
      const { engine: db } = harness.service.deps;
      const [before, row] = await sealedRecords(db, 2n, 2);
      const forged = chainHash(before?.hash ?? '', 4n, row ?? (before as never));
      await tamper(`UPDATE audit_log SET hash = '${forged}' WHERE seq = 4`);
      expect((await verify()).broken).toMatchObject({ seq: '5', why: 'is not what was sealed' });
    });

    it('after a row was deleted, from the middle or the front', async () => {
      await tamper('DELETE FROM audit_log WHERE seq = 5');
      expect((await verify()).broken).toEqual({ seq: '5', why: 'is missing' });
      await tamper('DELETE FROM audit_log WHERE seq = 1');
      expect((await verify()).broken).toEqual({ seq: '1', why: 'is missing' });
    });

    it('after two rows changed places', async () => {
      await tamper('UPDATE audit_log SET seq = 999 WHERE seq = 3');
      await tamper('UPDATE audit_log SET seq = 3 WHERE seq = 4');
      await tamper('UPDATE audit_log SET seq = 4 WHERE seq = 999');
      expect((await verify()).broken).toMatchObject({ seq: '3', id: await idAt(3) });
    });

    it('after a row was put in, before, between or behind', async () => {
      const put = (seq: string) =>
        tamper(`INSERT INTO audit_log (id, at, action, actor, facts, seq, hash)
          SELECT 'rec_forged' || (${seq}), at, action, actor, facts, ${seq}, hash FROM audit_log WHERE seq = 3`);
      await put('(SELECT MAX(seq) + 1 FROM audit_log)');
      expect((await verify()).broken).toMatchObject({ why: 'is not what was sealed' });
      await put('0');
      expect((await verify()).broken).toMatchObject({ seq: '0', why: expect.stringContaining('was put in') });
    });

    it('after its seal was taken off a row: it is sealed again, but in another place', async () => {
      await tamper('UPDATE audit_log SET seq = NULL, hash = NULL WHERE seq = 5');
      expect((await verify()).broken).toEqual({ seq: '5', why: 'is missing' });
    });
  });

  describe('with the head that was noted down', () => {
    it('a cut tail and an old backup are found, which without it look whole', async () => {
      const last = Number(head.split(':')[0]);
      await tamper(`DELETE FROM audit_log WHERE seq > ${last - 2}`);
      expect((await verify()).sound).toBe(true);
      expect((await verify(head)).broken).toEqual({
        seq: String(last - 1),
        why: `is missing: there were ${last}`,
      });
    });

    it('a log that was written anew from some row on is found, which without it looks whole', async () => {
      await tamper(`UPDATE audit_log SET actor = 'forged' WHERE seq = 5`);
      await tamper('UPDATE audit_log SET seq = NULL, hash = NULL WHERE seq >= 5');
      await sealRecords(harness.service.deps);
      expect((await verify()).sound).toBe(true);
      const { broken } = await verify(head);
      expect(broken).toMatchObject({
        seq: head.split(':')[0],
        why: 'is not the one that was expected there',
      });
    });

    it.runIf(engine.name === 'sqlite')('a restored backup is found, whose books are sound', async () => {
      const file = join(dirname(harness.outboxDirectory), 'backup.db');
      await maintenanceOf(harness.databaseUrl, harness.clock.now).backUp(file, false);
      await harness.logIn('alice@example.com');
      const { head: later } = await verify();
      const databaseUrl = `sqlite:${join(dirname(file), 'restored.db')}`;
      await maintenanceOf(databaseUrl, harness.clock.now).restore(file, false);
      const restored = await openService({
        databaseUrl,
        outboxDirectory: harness.outboxDirectory,
        publicUrl: 'http://127.0.0.1:7227',
        now: harness.clock.now,
      });
      const ask = async (input: object) => {
        const call = { operation: 'verify-audit', input, token: senior.token } as const;
        const answer = await restored.perform(call, { console: false });
        return 'output' in answer ? answer.output : undefined;
      };
      expect(await ask({})).toMatchObject({ sound: true, head });
      expect(await ask({ expect: later })).toMatchObject({
        sound: false,
        broken: { why: expect.stringContaining('is missing') },
      });
      await restored.close();
    });

    it('what is no head is refused', async () => {
      for (const expected of ['1', 'x:y', `-1:${'x'.repeat(43)}`, `1:${'x'.repeat(44)}`])
        await expect(verify(expected)).rejects.toMatchObject({ code: 'input_invalid' });
    });
  });

  it('`db verify` reads the chain too, and says up to where it is whole', async () => {
    const database = maintenanceOf(harness.databaseUrl, harness.clock.now);
    expect(await database.verify()).toMatchObject({ sound: true, auditHead: head });
    await tamper(`UPDATE audit_log SET actor = 'forged' WHERE seq = 4`);
    await expect(database.verify()).rejects.toMatchObject({
      code: 'database_unsound',
      message: expect.stringContaining('Record 4 of the audit log is not what was sealed.') as string,
    });
  });
});
