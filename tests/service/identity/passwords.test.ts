import fc from 'fast-check';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { Refusal } from '../../../src/core/contract/refusals.ts';
import { openService } from '../../../src/service/app.ts';
import { makePasswords } from '../../../src/service/identity/passwords.ts';
import { checkNewPassword } from '../../../src/service/identity/password-rules.ts';

/** A copy of SecLists' list, where the corpora are beside the clone. */
const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const COMMON = join(DATA, 'passwords', '10k-most-common.txt');
const CHEAP = { memoryKib: 8, passes: 1 };
const ABOUT = { email: 'jonathan.appleseed@example.com', displayName: 'Jonathan Appleseed' };

async function reasonAgainst(password: string, hasFactor = false): Promise<string | undefined> {
  try {
    await checkNewPassword(password, { ...ABOUT, hasFactor });
    return undefined;
  } catch (error) {
    expect((error as Refusal).code).toBe('password_weak');
    return (error as Refusal).message;
  }
}

describe('a new password', () => {
  it.each([
    ['14 characters', 'fourteen chars', /14 characters .* at least 15/],
    ['15 bytes that are 5 characters', '漢字漢字漢', /5 characters/],
    ['letters that only count double when taken apart', 'é'.repeat(8).normalize('NFD'), /8 characters/],
    ['one sign that stands for many', '\uFDFA', /1 characters/],
    ['1,025 bytes', 'correct horse '.repeat(74).slice(0, 1_025), /longer than 1024 bytes/],
    ['1,026 bytes in 342 characters', '漢'.repeat(342), /longer than 1024 bytes/],
    ['half a character', 'correct horse \uD800 battery', /half a character/],
    ['one letter', 'aaaaaaaaaaaaaaa', /again and again/],
    ['one letter, in both cases', 'aAaAaAaAaAaAaAaA', /again and again/],
    ['a short piece', 'abc1abc1abc1abc1', /again and again/],
    ['the digits', '123456789012345', /sequence/],
    ['the digits, backwards', '987654321098765', /sequence/],
    ['the alphabet', 'abcdefghijklmnop', /sequence/],
    ['the keyboard', 'QWERTYuiopasdfgh', /sequence/],
    ['the keyboard of Germany', 'qwertzuiopasdfg', /sequence/],
    ['the keyboard of France', 'azertyuiopqsdfg', /sequence/],
    ['what many have chosen', '1qaz2wsx3edc4rfv', /many people have chosen/],
    ['the same in wide letters and capitals', '１ＱＡＺ２ＷＳＸ３ＥＤＣ４ＲＦＶ', /many people have chosen/],
    ['two short ones in a row', 'Trustno1sunshine', /two passwords in a row/],
    ['one short one twice', 'passwordPASSWORD', /many people have chosen/],
    ['okpay and digits', 'okpay2026000000', /okpay/],
    ['okpay, dressed up', '!!OKpay--okpay!!', /okpay/],
    ['the e-mail name', 'jonathanappleseed', /e-mail/],
    ['the e-mail name and digits', 'Jonathan.Appleseed1', /e-mail/],
    ['the whole address', 'jonathan.appleseed@example.com', /e-mail/],
    ['the name', 'Appleseed Jonathan 1984', /name/],
  ])('is refused when it is %s', async (_what, password, reason) => {
    expect(await reasonAgainst(password)).toMatch(reason);
  });

  it.each([
    ['15 characters', 'fifteen chars!!'],
    ['64', 'x9'.repeat(31) + 'ab'],
    ['1,024 bytes', 'correct horse '.repeat(74).slice(0, 1_024)],
    ['blanks at the ends', '  correct horse battery  '],
    ['digits that mean nothing', '739104826615208'],
    ['15 Chinese characters', '春眠不觉晓处处闻啼鸟夜来风雨声'],
    ['emoji', '🐴🔋📎🍏🚲🌂🎈🎁🧲🪁🧵🪴🧊🛟🪨'],
    ['the name among other words', 'appleseed likes old bridges'],
  ])('is accepted with %s', async (_what, password) => {
    expect(await reasonAgainst(password)).toBeUndefined();
  });

  it('needs 15 characters alone, and 8 beside a second factor (ASVS V6.2.1)', async () => {
    const words = 'plum ferry tide';
    expect(await reasonAgainst(words)).toBeUndefined();
    expect(await reasonAgainst(words.slice(0, -1))).toMatch(/14 characters .* at least 15/);
    expect(await reasonAgainst('ferry7td', true)).toBeUndefined();
    expect(await reasonAgainst('ferry7t', true)).toMatch(/7 characters .* at least 8/);
    expect(await reasonAgainst('password', true)).toMatch(/many people have chosen/);
  });

  it('needs no kind of character: any script will do (ASVS V6.2.5)', async () => {
    const any = fc.string({ unit: 'grapheme', minLength: 20, maxLength: 60 });
    const reasons: string[] = [];
    await fc.assert(
      fc.asyncProperty(any, async (password) => {
        const reason = await reasonAgainst(password);
        if (reason !== undefined) reasons.push(reason);
      }),
      { numRuns: 500 },
    );
    for (const reason of reasons) expect(reason).toMatch(/again and again|sequence|characters and needs/);
    // The control: hardly one is refused at all.
    expect(reasons.length).toBeLessThan(25);
  });

  it('of 64 and of 128 characters is fine (ASVS V6.2.9)', async () => {
    const long = 'Correct horse battery staple, and so on. '.repeat(4);
    for (const length of [64, 128]) expect(await reasonAgainst(long.slice(0, length))).toBeUndefined();
  });

  test.skipIf(!existsSync(COMMON))(
    'is none of the 10,000 most common that are long enough (ASVS V6.2.4, V6.2.12)',
    async () => {
      const all = readFileSync(COMMON, 'utf8').split(/\r?\n/);
      const legal = all.filter((password) => [...password].length >= 8);
      expect(legal.length).toBeGreaterThan(2_000);
      const accepted = [];
      for (const password of legal) {
        for (const written of [password, password.toUpperCase()])
          if ((await reasonAgainst(written, true)) === undefined) accepted.push(written);
      }
      expect(accepted).toEqual([]);
      // Those that are long enough alone, and those that people make longer by writing them twice.
      for (const password of legal) {
        const twice = password.trim().repeat(2);
        if ([...password].length >= 15) expect(await reasonAgainst(password)).toBeDefined();
        if ([...twice].length >= 15)
          expect([twice, await reasonAgainst(twice)]).not.toEqual([twice, undefined]);
      }
    },
  );
});

describe('the hash of a password', () => {
  it('is argon2id at the cost OWASP asks for, with a salt of its own', async () => {
    const passwords = makePasswords();
    const [one, other] = await Promise.all([passwords.hash('same words'), passwords.hash('same words')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(other);
    expect(await passwords.verify('same words', [one])).toBe(one);
  });

  it('is stored at that cost by the service as it runs, in every table that keeps one (ASVS V11.4.2)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'okpay-hashes-'));
    const service = await openService({
      databaseUrl: `sqlite:${join(folder, 'okpay.db')}`,
      outboxDirectory: join(folder, 'outbox'),
      publicUrl: 'http://127.0.0.1',
    });
    try {
      const call = (operation: 'register' | 'bootstrap-staff', input: object) =>
        service.perform({ operation, input }, { console: true });
      const password = 'unlikely tangerine ladder';
      await call('register', { email: 'ada@example.com', displayName: 'Ada', password });
      await call('bootstrap-staff', { email: 'root@example.com', displayName: 'Root', password });
      const { engine } = service.deps;
      const stored: string[] = [];
      for (const table of ['users', 'registrations']) {
        const rows = await engine.all<{ hash: string }>(`SELECT password_hash AS hash FROM ${table}`);
        expect(rows, table).toHaveLength(1);
        stored.push(...rows.map(({ hash }) => hash));
      }
      // OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane, a salt of 128 bits.
      for (const hash of stored) {
        const [, memory, passes, lanes, salt = ''] =
          /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$/.exec(hash) ?? [];
        expect([Number(memory) >= 19_456, Number(passes) >= 2, lanes], hash).toEqual([true, true, '1']);
        expect(Buffer.from(salt, 'base64').length).toBeGreaterThanOrEqual(16);
      }
    } finally {
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is of exactly the password (ASVS V6.2.8)', async () => {
    const passwords = makePasswords(CHEAP);
    const long = 'Correct horse battery staple, and so on. '.repeat(4);
    const stored = await passwords.hash(long);
    expect(await passwords.verify(long, [stored])).toBe(stored);
    const others = [
      long.toLowerCase(),
      `${long} `,
      ` ${long}`,
      '',
      ...[64, 72, 73, 128].map((n) => long.slice(0, n)),
    ];
    for (const other of others) expect(await passwords.verify(other, [stored])).toBeUndefined();
  });

  it('is the same however the keyboard composes a letter', async () => {
    const passwords = makePasswords(CHEAP);
    const stored = await passwords.hash('café'.normalize('NFC'));
    expect(await passwords.verify('café'.normalize('NFD'), [stored])).toBe(stored);
  });

  it('is checked against several of one address at once, which share a salt', async () => {
    const passwords = makePasswords(CHEAP);
    const first = await passwords.hash('first');
    const second = await passwords.hash('second', first);
    const stranger = await passwords.hash('stranger');
    expect(second.split('$').slice(0, 5)).toEqual(first.split('$').slice(0, 5));
    expect(await passwords.verify('second', [first, second])).toBe(second);
    expect(await passwords.verify('first', [first, second])).toBe(first);
    expect(await passwords.verify('third', [first, second])).toBeUndefined();
    expect(await passwords.verify('stranger', [first, stranger])).toBeUndefined();
  });

  it('keeps the cost it was made with, and still opens when the cost is raised', async () => {
    const old = await makePasswords(CHEAP).hash('words');
    expect(await makePasswords({ memoryKib: 16, passes: 2 }).verify('words', [old])).toBe(old);
  });

  it('is never opened by a hash that is none', async () => {
    const passwords = makePasswords(CHEAP);
    for (const broken of ['', 'x', '$argon2id$v=19$m=8,t=1,p=1$$', '$2b$10$abc']) {
      expect(await passwords.verify('words', [broken])).toBeUndefined();
    }
    expect(await passwords.verify('words', [])).toBeUndefined();
  });

  it('turns the next away when too many wait, and goes on afterwards (ASVS V15.2.2)', async () => {
    const passwords = makePasswords(CHEAP);
    const results = await Promise.allSettled(Array.from({ length: 300 }, () => passwords.hash('words')));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(300 - 202);
    for (const { reason } of refused) expect((reason as Refusal).code).toBe('busy');
    await expect(passwords.hash('words')).resolves.toMatch(/^\$argon2id/);
  });
});
