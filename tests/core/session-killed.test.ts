import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa, execaSync } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSession, type SavedSession } from '../../src/core/session.ts';

const OLD: SavedSession = {
  token: 'okp_old',
  session: 'ses_old',
  email: 'ann@example.com',
  expiresAt: '2027-01-01T00:00:00Z',
  place: 'here',
};
const SAVE = resolve(import.meta.dirname, 'save-killed.ts');
const hasStrace = execaSync('strace', ['-V'], { reject: false }).exitCode === 0;

let config: string;
beforeEach(async () => {
  config = mkdtempSync(join(tmpdir(), 'okpay-killed-'));
  await startAnew();
});
afterEach(() => rmSync(config, { recursive: true, force: true }));

/** The old session, and nothing that a killed process left. */
async function startAnew(): Promise<void> {
  const session = openSession(config, 'default', {});
  await session.forget();
  await session.save(OLD);
}

/** Saves another session in a process of its own; `nth` is the call to the file system at which it is killed. */
const save = (nth: number, how = 'before') =>
  execa(process.execPath, [SAVE, config, String(nth), how], { reject: false });

/** What is there afterwards: the old session or the new one, whole, and usable by the next process. */
async function tokenThere(): Promise<string | undefined> {
  const { token } = JSON.parse(
    readFileSync(join(config, 'sessions', 'default.json'), 'utf8'),
  ) as SavedSession;
  expect(await openSession(config, 'default', {}).token('here')).toBe(token);
  return token;
}

describe('a process that is killed while it saves a session leaves the old one or the new one', () => {
  test('at each call to the file system, and half-way through the write', async () => {
    const calls = Number((await save(0)).stdout);
    expect(calls).toBeGreaterThan(9);
    expect(await tokenThere()).toBe('okp_new');
    const seen = new Map<string | undefined, number>();
    for (let nth = 1; nth <= calls; nth++) {
      for (const how of ['before', 'half']) {
        await startAnew();
        const { signal, stdout } = await save(nth, how);
        expect([signal, stdout]).toEqual(['SIGKILL', '']);
        const token = await tokenThere();
        seen.set(token, (seen.get(token) ?? 0) + 1);
      }
    }
    expect([...seen.keys()].sort()).toEqual(['okp_new', 'okp_old']);
    // Whoever comes next is not kept from logging in by what was left.
    expect((await save(0)).exitCode).toBe(0);
    expect(await tokenThere()).toBe('okp_new');
  }, 60_000);

  test.runIf(hasStrace)(
    'at each flush and rename, as the system sees them',
    async () => {
      for (const [syscall, times] of [
        ['fsync', 2],
        ['rename', 1],
      ] as const) {
        for (let nth = 1; nth <= times; nth++) {
          await startAnew();
          const inject = `inject=${syscall}:signal=KILL:when=${nth}`;
          const words = ['-f', '-qq', '-e', `trace=${syscall}`, '-e', inject, process.execPath, SAVE, config];
          const { stdout, stderr } = await execa('strace', words, { reject: false });
          expect([stdout, stderr.includes('SIGKILL')]).toEqual(['', true]);
          // The first flush is of the draft, the second one of the folder: the name was exchanged before that.
          expect(await tokenThere()).toBe(syscall === 'fsync' && nth === 2 ? 'okp_new' : 'okp_old');
        }
      }
    },
    60_000,
  );

  test('control: written in place, a session is lost half-way', () => {
    const path = join(config, 'sessions', 'default.json');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 20));
    expect(() => openSession(config, 'default', {}).saved()).toThrow('not valid JSON');
  });
});
