import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportJournalCommand } from '../../src/commands/admin/export/journal.ts';
import { makeContext, type Context, type Ground } from '../../src/commands/context.ts';
import { makeIo } from '../../src/commands/io.ts';
import { run } from '../../src/commands/run.ts';
import { openService, type Service } from '../../src/service/app.ts';
import { tokenHashOf } from '../../src/service/identity/authenticate.ts';
import { clearingAccount, holderAccount } from '../../src/service/ledger/accounts.ts';
import { exportJournal } from '../../src/service/ledger/export-journal/export-journal.ts';

let home: string;
let service: Service;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'okpay-staff-'));
  service = await openService({
    databaseUrl: `sqlite:${join(home, 'okpay.db')}`,
    outboxDirectory: join(home, 'outbox'),
    publicUrl: 'http://127.0.0.1:7227',
  });
  for (const role of ['viewer', 'senior', 'holder']) await addUser(role);
  const [bank, holder] = [clearingAccount('DE02120300000000202051', 'EUR'), holderAccount('usr_x', 'EUR')];
  await service.deps.poster.post({
    id: service.deps.newId('transfer'),
    initiator: 'system:test',
    key: { owner: 'system:test', key: 'k', fingerprint: 'a=b' },
    transfer: {
      kind: 'deposit',
      from: bank,
      to: holder,
      paid: 1250n,
      fee: 0n,
      received: 1250n,
      note: '\u001b[31mred',
    },
    entries: [
      { account: bank, amount: -1250n },
      { account: holder, amount: 1250n },
    ],
  });
});
afterEach(async () => {
  await service.close();
  rmSync(home, { recursive: true });
});

/** Somebody with a role (`holder` has none), logged in with a token called after it. */
async function addUser(role: string): Promise<void> {
  const id = service.deps.newId('user');
  const now = new Date().toISOString();
  await service.deps.engine.transact(async (tx) => {
    await tx.run(
      `INSERT INTO users (id, email, email_key, display_name, password_hash, role, deposit_reference, created_at)
        VALUES (?, ?, ?, ?, '', ?, ?, ?)`,
      [id, id, id, role, role === 'holder' ? null : role, id, now],
    );
    await tx.run(
      `INSERT INTO sessions (id, user_id, token_hash, device, created_at, last_used_at, expires_at, with_factor)
        VALUES (?, ?, ?, '', ?, ?, ?, 1)`,
      [service.deps.newId('session'), id, tokenHashOf(role), now, now, '9999-12-31T00:00:00.000Z'],
    );
  });
}

/** Runs a command line on the real program and the real service, as somebody with a role. */
async function okpay(role: string, ...words: string[]) {
  const environment = { OKPAY_HOME: join(home, 'cli'), OKPAY_TOKEN: role };
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const written = { stdout: '', stderr: '' };
  stdout.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()));
  stderr.on('data', (chunk: Buffer) => (written.stderr += chunk.toString()));
  const io = makeIo({ stdin: stdin.end(), stdout, stderr }, environment, false);
  const interrupts = { interrupted: new Promise<never>(() => {}), onInterrupt: () => {}, end: () => {} };
  const ground = {
    environment,
    io,
    interrupts,
    now: Date.now,
    openTransport: async () => ({
      place: 'test',
      close: async () => {},
      call: (call: Parameters<Service['perform']>[0]) => service.perform(call, { console: true }),
    }),
    atEnd: () => {},
    // What these commands have no use for is left out.
  } as unknown as Ground;
  const exitCode = await run(words, {
    io,
    interrupts,
    debug: false,
    open: (flags) => makeContext(flags, ground),
  });
  await new Promise((resolve) => setImmediate(resolve));
  return { exitCode, ...written };
}

function tamper(sql: string): void {
  const db = new DatabaseSync(join(home, 'okpay.db'));
  db.exec(sql);
  db.close();
}

async function exported(format: 'hledger' | 'jsonl'): Promise<string> {
  let text = '';
  for await (const piece of exportJournal(service.deps.engine, format)) text += piece;
  return text;
}

describe('okpay ledger verify', () => {
  test('shows the counts of a sound book and ends with 0', async () => {
    const { exitCode, stdout, stderr } = await okpay('viewer', 'ledger', 'verify');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/Transfers: +1\n/);
    expect(stdout).toMatch(/EUR +0\.00\n/);
  });

  test('names every row that does not fit and ends with 1', async () => {
    tamper(`UPDATE accounts SET balance = balance + 1 WHERE kind = 'holder'`);
    const { exitCode, stderr } = await okpay('viewer', 'ledger', 'verify');
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'holder:usr_x:EUR says that its balance is 12.51 EUR; its entries say 12.50 EUR.',
    );
  });

  test('with --json is one document, sound or not', async () => {
    const sound = await okpay('viewer', 'ledger', 'verify', '--json');
    expect(JSON.parse(sound.stdout)).toMatchObject({ sound: true, transfers: 1, findings: [] });
    tamper(`UPDATE accounts SET balance = balance + 1 WHERE kind = 'holder'`);
    const unsound = await okpay('viewer', 'ledger', 'verify', '--json');
    const { error } = JSON.parse(unsound.stdout) as { error: { code: string; facts: { findings: string } } };
    expect({ exitCode: unsound.exitCode, code: error.code }).toEqual({ exitCode: 1, code: 'ledger_unsound' });
    expect(error.facts.findings.split('\n')).toHaveLength(2);
  });

  test('is for staff', async () => {
    expect((await okpay('holder', 'ledger', 'verify')).exitCode).toBe(3);
    expect((await okpay('nobody', 'ledger', 'verify')).exitCode).toBe(4);
  });
});

describe('okpay admin export journal', () => {
  const words = ['admin', 'export', 'journal', '--format'];

  test('writes to stdout what the service exports', async () => {
    const { exitCode, stdout, stderr } = await okpay('senior', ...words, 'hledger');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(await exported('hledger'));
    expect(stdout).not.toContain('\u001b');
  });

  test('writes a file for the user alone, and replaces it only when told to', async () => {
    const path = join(home, 'book.jsonl');
    const first = await okpay('senior', ...words, 'jsonl', '--out', path, '--json');
    expect(first.exitCode).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ file: path, format: 'jsonl' });
    expect(readFileSync(path, 'utf8')).toBe(await exported('jsonl'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    writeFileSync(path, 'something else');
    expect((await okpay('senior', ...words, 'jsonl', '--out', path)).exitCode).toBe(2);
    expect(readFileSync(path, 'utf8')).toBe('something else');
    expect((await okpay('senior', ...words, 'jsonl', '--out', path, '--force')).exitCode).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(await exported('jsonl'));
  });

  test('is for senior staff, and leaves no file behind when refused', async () => {
    const path = join(home, 'book.csv');
    expect((await okpay('viewer', ...words, 'csv', '--out', path)).exitCode).toBe(3);
    expect(existsSync(path)).toBe(false);
  });

  test.each([['--format'], ['--format', 'xlsx'], []])('needs a format it knows: %s %s', async (...flags) => {
    expect((await okpay('senior', 'admin', 'export', 'journal', ...flags)).exitCode).toBe(2);
  });

  /** Runs the command on these pieces of a book; Ctrl-C is what `onInterrupt` is given. */
  const write = (file: string, pieces: AsyncIterable<string>, onInterrupt: Context['onInterrupt']) => {
    const { command, start } = exportJournalCommand();
    command.parse(['--format', 'csv', '--out', file], { from: 'user' });
    const context = {
      show: { json: false, answer: async () => undefined },
      client: async () => ({ stream: async () => pieces }),
      onInterrupt,
    } as unknown as Context;
    return start(context);
  };

  test('keeps nothing that it has written', async () => {
    const piece = 200_000;
    const pieces = async function* () {
      for (let at = 0; at < 1_500; at++) yield Buffer.alloc(piece, 97).toString('latin1');
    };
    const before = process.memoryUsage().heapUsed;
    await write(join(home, 'long.csv'), pieces(), () => undefined);
    expect(statSync(join(home, 'long.csv')).size).toBe(1_500 * piece);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(500 * piece);
  });

  test('takes half a file away at Ctrl-C', async () => {
    const folder = mkdtempSync(join(home, 'half-'));
    let press = (): void => {};
    const pieces = async function* () {
      yield 'half a book';
      expect(readdirSync(folder)).toHaveLength(1);
      press();
      await new Promise(() => {});
    };
    const written = write(join(folder, 'book.csv'), pieces(), (handler) => (press = handler));
    await expect(written).rejects.toMatchObject({ code: 'interrupted' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
