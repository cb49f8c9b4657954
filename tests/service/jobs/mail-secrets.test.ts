import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openKeyring } from '../../../src/service/identity/keyring.ts';
import { openMailSecrets } from '../../../src/service/identity/mail-secrets.ts';
import { SCHEMA_STEPS } from '../../../src/service/store/engine/sqlite/schema.ts';
import { eachEngine, openHarness, type Harness } from '../../harness.ts';

const unusable = expect.objectContaining({ code: 'keys_unusable' });
const TABLES = [...SCHEMA_STEPS.join('').matchAll(/CREATE TABLE (\w+)/g)].map(([, name = '']) => name);

eachEngine((engine) => {
  let harness: Harness;
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'okpay-sealed-'));
    harness = await openHarness({ engine });
  });
  afterEach(async () => {
    await harness.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const everyRow = async () => {
    const rows = await Promise.all(
      TABLES.map((table) => harness.service.deps.engine.all(`SELECT * FROM ${table}`)),
    );
    return JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  };

  it('what opens something is sealed while its mail waits, and goes out as it was sealed', async () => {
    const alice = await harness.holder('alice');
    const ask = () => [
      harness.call('register', {
        email: 'new@example.com',
        displayName: 'New',
        password: 'seven tangerines under a ladder',
      }),
      harness.call('forgot-password', { email: alice.email }),
      harness.call('request-unlock', { email: alice.email }),
      alice.client.call('change-email', { email: 'moved@example.com' }),
    ];
    // No mail gets out: where the folder should be is a file.
    rmSync(harness.outboxDirectory, { recursive: true });
    writeFileSync(harness.outboxDirectory, '');
    await Promise.all(ask());
    const { engine: db, keyring } = harness.service.deps;
    const waiting = await db.all<{ id: string; kind: string; payload: string }>('SELECT * FROM outbox');
    const secrets = waiting.flatMap(({ id, payload }) => {
      const { sealed } = JSON.parse(payload) as { sealed?: string };
      return sealed === undefined ? [] : Object.values(openMailSecrets(keyring, id, sealed));
    });
    // Code and link of three, the code alone of the address change.
    expect(secrets).toHaveLength(7);
    const everything = await everyRow();
    // The control: what is not secret is found by the same look.
    expect(everything).toContain('moved@example.com');
    for (const secret of secrets) {
      expect(everything).not.toContain(secret);
      expect(everything).not.toContain(secret.replace('-', ''));
    }
    // Sealed for its own mail, with these keys.
    const [one, other] = waiting.filter(({ payload }) => payload.includes('sealed'));
    const { sealed } = JSON.parse(one?.payload ?? '') as { sealed: string };
    expect(() => openMailSecrets(keyring, other?.id ?? '', sealed)).toThrow(unusable);
    expect(() => openMailSecrets(openKeyring(join(folder, 'others')), one?.id ?? '', sealed)).toThrow(
      unusable,
    );

    // Each has been tried: one that fails after the clock was moved would wait from then on.
    await expect.poll(() => db.all('SELECT id FROM outbox WHERE attempts = 0')).toEqual([]);
    rmSync(harness.outboxDirectory);
    mkdirSync(harness.outboxDirectory);
    harness.clock.advance(60_000);
    await harness.reopen();
    await expect
      .poll(async () => (await harness.service.deps.engine.all('SELECT id FROM outbox')).length)
      .toBe(0);
    const sent = (await harness.mails()).map(({ text }) => text).join('\n');
    for (const secret of secrets) expect(sent).toContain(secret);
    const after = await everyRow();
    for (const secret of secrets) expect(after).not.toContain(secret);
  });

  it('without keys nothing that opens something is mailed, and the answer does not tell who has an account', async () => {
    const { email } = await harness.holder('alice');
    const waiting = () => harness.service.deps.engine.all('SELECT id FROM outbox');
    await expect.poll(waiting).toEqual([]);
    Object.assign(harness.service.deps, { keyring: openKeyring(undefined) });
    const asked = (address: string) =>
      Promise.allSettled([
        harness.call('register', {
          email: address,
          displayName: 'X',
          password: 'seven tangerines under a ladder',
        }),
        harness.call('forgot-password', { email: address }),
        harness.call('request-unlock', { email: address }),
      ]);
    const known = await asked(email);
    const unknown = await asked('nobody@example.com');
    expect(known).toEqual(unknown);
    for (const answer of known) expect(answer).toEqual({ status: 'rejected', reason: unusable });
    expect(await waiting()).toEqual([]);
  });
});
