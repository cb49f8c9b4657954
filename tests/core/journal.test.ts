import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kindOfId } from '../../src/core/contract/ids.ts';
import { openJournal, type IntentDraft, type Journal, type OpenIntent } from '../../src/core/journal.ts';

const PLACE = 'https://wallet.example.com';
const money = (amount: string) => ({ amount, currency: 'EUR' });
const DRAFT: IntentDraft = {
  input: { quote: 'quo_1', note: 'a\u0001b\n“c”' },
  place: PLACE,
  account: { id: 'usr_1', email: 'ann@example.com' },
  asked: {
    to: { id: 'usr_2', name: 'Bob', email: 'bob@example.com' },
    amount: money('1.00'),
    feeFrom: 'sender',
  },
  figures: {
    youPay: money('1.00'),
    fee: money('0.00'),
    theyGet: money('1.00'),
    expiresAt: '2026-03-02T09:05:00.000Z',
  },
};

let home: string;
let journal: Journal;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'okpay-journal-'));
  journal = openJournal(home, 'default', Date.now);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const files = () => readdirSync(journal.folder).sort();
const found = (place = PLACE) => journal.list(place).found;
const opened = (open: OpenIntent | 'live' | 'gone'): OpenIntent => {
  if (typeof open === 'string') throw new Error(open);
  return open;
};

test('an intent says everything that asking again needs, exactly', () => {
  const { intent } = journal.begin(DRAFT);
  expect(found().map((each) => each.intent)).toEqual([intent]);
  expect(intent).toMatchObject({ ...DRAFT, version: 1, operation: 'create-transfer', process: process.pid });
  expect(kindOfId(intent.key)).toBe('key');
});

test('nobody else can read it, and no draft stays', () => {
  const { intent } = journal.begin(DRAFT);
  expect(files()).toEqual([`${intent.key}.json`, `${intent.key}.lock`]);
  for (const name of files()) expect(statSync(join(journal.folder, name)).mode & 0o777).toBe(0o600);
  for (const folder of [journal.folder, join(journal.folder, '..')])
    expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('closed, it is gone without a trace; left, it stays and can be claimed', () => {
  const first = journal.begin(DRAFT);
  first.leave();
  const again = opened(journal.claim(found()[0] as never));
  expect(again.intent).toEqual(first.intent);
  again.close();
  expect(files()).toEqual([]);
  expect(found()).toEqual([]);
});

test('intents are listed in the order they were made, whatever their keys', () => {
  const keys = ['zz', undefined, 'aa', undefined].map((key, at) => {
    const later = openJournal(home, 'default', () => 1_700_000_000_000 + at);
    return later.begin({ ...DRAFT, key }).intent.key;
  });
  expect(found().map(({ intent }) => intent.key)).toEqual(keys);
});

test('a key of the user may be any text: it is no file name', () => {
  const { intent } = journal.begin({ ...DRAFT, key: '../../etc/passwd' });
  expect(intent.key).toBe('../../etc/passwd');
  expect(files()[0]).toMatch(/^own-key_\w+\.json$/);
});

test('each place and each profile has its own', () => {
  journal.begin(DRAFT);
  expect(found('sqlite:/other.db')).toEqual([]);
  expect(openJournal(home, 'work', Date.now).list(PLACE).found).toEqual([]);
});

test('one that was closed since it was listed is gone', () => {
  const open = journal.begin(DRAFT);
  const [listed] = found();
  open.close();
  expect(journal.claim(listed as never)).toBe('gone');
  expect(files()).toEqual([]);
});

test('only one of two gets a claim', () => {
  journal.begin(DRAFT).leave();
  const [listed] = found();
  const first = opened(journal.claim(listed as never));
  expect(openJournal(home, 'default', Date.now).claim(listed as never)).toBe('live');
  first.leave();
  opened(journal.claim(listed as never)).close();
});

test('where nothing can be written, nothing may leave', () => {
  writeFileSync(join(home, 'journal'), 'a file where the folder should be');
  expect(() => journal.begin(DRAFT)).toThrow('Nothing was sent.');
  rmSync(join(home, 'journal'));
  mkdirSync(journal.folder, { recursive: true });
  journal.begin(DRAFT).close();
});

test('what a process left that ended before its intent was there is swept after a day, never an intent', () => {
  const open = journal.begin(DRAFT);
  const names = ['key_0.draft', 'key_0.lock', 'key_1.draft'].map((name) => join(journal.folder, name));
  for (const name of names) writeFileSync(name, '{');
  const old = new Date(Date.now() - 25 * 3_600_000);
  for (const name of [...names.slice(0, 2), join(journal.folder, `${open.intent.key}.json`)])
    utimesSync(name, old, old);
  expect(found()).toHaveLength(1);
  expect(files()).toEqual([`${open.intent.key}.json`, `${open.intent.key}.lock`, 'key_1.draft'].sort());
});

describe('another process', () => {
  const begin = (then: string) => {
    const code = `
      import { openJournal } from ${JSON.stringify(join(import.meta.dirname, '../../src/core/journal.ts'))};
      const open = openJournal(${JSON.stringify(home)}, 'default', Date.now).begin(${JSON.stringify(DRAFT)});
      console.log('begun');
      ${then}`;
    return spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  };
  const begun = (child: ReturnType<typeof begin>) => once(child.stdout, 'data');

  test('is live while it runs, and however it ends its intent can be claimed then', async () => {
    const child = begin('setInterval(() => open, 1000);');
    await begun(child);
    const [listed] = found();
    expect(journal.claim(listed as never)).toBe('live');
    child.kill('SIGKILL');
    await once(child, 'exit');
    opened(journal.claim(listed as never)).close();
    expect(files()).toEqual([]);
  });

  test('that ends without a word leaves its intent', async () => {
    await once(begin('process.exit(3);'), 'exit');
    expect(found()).toHaveLength(1);
    opened(journal.claim(found()[0] as never)).close();
  });
});
