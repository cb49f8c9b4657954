import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  makeCheckpointer,
  PLAN,
  type Checkpointer,
} from '../../../../src/service/store/engine/sqlite/checkpointer.ts';

let folder: string;
let db: DatabaseSync;
let checkpointer: Checkpointer;
let stops: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'okpay-checkpoint-'));
  const path = join(folder, 'x.db');
  db = new DatabaseSync(path);
  // Nobody else writes the log back.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (page BLOB)');
  stops = 0;
  const finish = async () => {
    stops += 1;
    db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  };
  checkpointer = makeCheckpointer(path, finish, { ...PLAN, worth: 500, long: 5_000 });
});
afterEach(async () => {
  await checkpointer.close();
  db.close();
  rmSync(folder, { recursive: true });
});

const commit = (times: number) => {
  for (let at = 0; at < times; at++) checkpointer.committed();
};
/** Puts so many pages of 4 KiB into the log. */
const write = (pages: number) => {
  db.exec('BEGIN');
  const insert = db.prepare('INSERT INTO t VALUES (?)');
  for (let at = 0; at < pages; at++) insert.run(Buffer.alloc(4_000));
  db.exec('COMMIT');
};
const inLog = () => {
  const { log, checkpointed } = db.prepare('PRAGMA wal_checkpoint(NOOP)').get() as Record<string, number>;
  return Number(log) - Number(checkpointed);
};

test('writes a long log back beside the work, and it begins again at its start', async () => {
  commit(1_000);
  write(6_000);
  expect(inLog()).toBeGreaterThan(5_000);
  await expect.poll(inLog).toBe(0);
  write(10);
  // Not ten pages behind six thousand others.
  expect(inLog()).toBeLessThan(100);
  expect(Number(db.prepare('PRAGMA wal_checkpoint(NOOP)').get()?.['log'])).toBeLessThan(100);
});

test('stops nobody for a log that is not long', async () => {
  commit(1_000);
  write(2_000);
  await expect.poll(inLog).toBe(0);
  expect(stops).toBe(0);
  write(6_000);
  await expect.poll(() => stops).toBe(1);
});

test('leaves a short log alone', async () => {
  commit(1_000);
  write(400);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(inLog()).toBeGreaterThan(400);
});

test('starts nothing in a process that writes little', async () => {
  commit(999);
  write(6_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(inLog()).toBeGreaterThan(5_000);
});
