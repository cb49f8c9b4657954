import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Maintenance } from '../../src/core/maintenance.ts';
import { KNOWN, maintenanceOf } from '../service/maintenance/maintenance-of.ts';
import { runCommand } from './run-command.ts';

let folder: string;
let maintenance: Maintenance;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'okpay-test-'));
  maintenance = maintenanceOf(`sqlite:${join(folder, 'okpay.db')}`);
});

const okpay = (...words: string[]) => runCommand(words, { maintenance });

describe('okpay db', () => {
  test('status tells of a database that is not there yet, and of one that is', async () => {
    const absent = await okpay('db', 'status');
    expect(absent).toMatchObject({ exitCode: 0, stderr: '' });
    expect(absent.stdout).toContain(`Schema:   0 of ${KNOWN}: nothing yet`);
    expect((await okpay('db', 'migrate')).stdout).toContain(`The schema went from 0 to ${KNOWN}.`);
    expect((await okpay('db', 'migrate')).stdout).toContain(`Nothing to do: the schema is ${KNOWN}.`);
    const { stdout } = await okpay('db', 'status', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      engine: 'sqlite',
      state: 'current',
      counts: { users: 0, transfers: 0 },
    });
    expect((await okpay('db', 'status')).stdout).toMatch(/Last transfer: none/);
  });

  test('backup, verify and restore say what they did', async () => {
    await okpay('db', 'migrate');
    const file = join(folder, 'copy.db');
    const backup = await okpay('db', 'backup', file);
    expect(backup.stdout).toMatch(/^Backed up, and the copy is sound\./);
    expect(backup.stdout).toContain(file);
    expect((await okpay('db', 'verify')).stdout).toMatch(/^Sound: /);
    expect((await okpay('db', 'restore', file)).stdout).toMatch(/^Restored, and it is sound\./);
    const again = await okpay('db', 'backup', file, '--json');
    expect(again.exitCode).toBe(2);
    expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'usage_invalid' } });
    expect((await okpay('db', 'backup', file, '--force')).exitCode).toBe(0);
    expect((await okpay('db', 'restore', join(folder, 'none'))).exitCode).toBe(2);
  });

  test('a restore over something says what became of it', async () => {
    const counts = { users: 2, accounts: 3, transfers: 4, entries: 8, outbox: 0 };
    const replaced = { keptAs: '/srv/okpay.db.replaced', forgotten: 3, counts };
    const answer = { place: '/srv/okpay.db', file: '/b', sound: true, findings: [], counts, replaced };
    const { stdout } = await runCommand(['db', 'restore', '/b', '--force'], {
      maintenance: { restore: async () => answer as never },
    });
    expect(stdout).toContain('What was there, with 4 transfers, is kept as /srv/okpay.db.replaced.');
    expect(stdout).toContain('3 of its transfers are not in the backup');
  });

  test.each(['status', 'migrate', 'verify', 'backup', 'restore'])(
    'is for the machine that holds the database: %s',
    async (word) => {
      const words = ['db', word, ...(['backup', 'restore'].includes(word) ? ['x'] : [])];
      const { exitCode, stderr } = await okpay(...words, '--url', 'https://pay.example.com');
      expect(exitCode).toBe(3);
      expect(stderr).toContain('only on the machine that holds the database');
    },
  );
});
