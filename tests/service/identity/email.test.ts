import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import { emailKeyOf, parseEmail } from '../../../src/service/identity/email.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');

function refusalOf(text: string): string | undefined {
  try {
    emailKeyOf(text);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    expect((error as Refusal).code).toBe('email_invalid');
    return (error as Refusal).message;
  }
}

describe('an e-mail address', () => {
  it.each([
    ['bob@example.com', 'bob@example.com'],
    ['Bob.Builder@EXAMPLE.Com', 'bob.builder@example.com'],
    ['bob+tag@example.com', 'bob+tag@example.com'],
    ["o'hara_1-x@sub.example.co.uk", "o'hara_1-x@sub.example.co.uk"],
    ['bob@münchen.de', 'bob@xn--mnchen-3ya.de'],
    ['bob@xn--mnchen-3ya.de', 'bob@xn--mnchen-3ya.de'],
    ['иван@пример.рф', 'иван@xn--e1afmkfd.xn--p1ai'],
    ['山田taro@例え.jp', '山田taro@xn--r8jz45g.jp'],
    // Compatibility forms: the Kelvin sign, full-width letters, the ff ligature.
    ['\u212Aim@example.com', 'kim@example.com'],
    ['ｂｏｂ@example.com', 'bob@example.com'],
    ['ji\uFB00@example.com', 'jiff@example.com'],
    ['bob@exa\u017Fmple.com', 'bob@exasmple.com'],
    ['e\u0301va@example.com', '\u00E9va@example.com'],
  ])('%s is the account %s', (typed, key) => {
    expect(emailKeyOf(typed)).toBe(key);
  });

  it('keeps accounts apart that only look alike', () => {
    const keys = ['i@example.com', 'İ@example.com', 'ı@example.com', 'bob@example.com', 'bob+1@example.com'];
    expect(new Set(keys.map(emailKeyOf)).size).toBe(keys.length);
  });

  it('sends mail to the normal form, so that the mailbox of a look-alike opens nothing', () => {
    expect(parseEmail('Ji\uFB00@Example.com').address).toBe('Jiff@example.com');
    expect(parseEmail('bob@MÜNCHEN.de').address).toBe('bob@xn--mnchen-3ya.de');
  });

  it.each([
    ['a blank before', ' bob@example.com'],
    ['a blank after', 'bob@example.com '],
    ['a line end', 'bob@example.com\r\nBcc: eve@example.com'],
    ['a zero-width space', 'b\u200Bob@example.com'],
    ['a zero-width joiner', 'b\u200Dob@example.com'],
    ['a soft hyphen', 'b\u00ADob@example.com'],
    ['a bidi override', 'bob\u202E@example.com'],
    ['an invisible letter', 'bob\u3164@example.com'],
    ['a NUL', 'bob\u0000@example.com'],
    ['half a character', 'bob\uD800@example.com'],
    ['no @', 'bob.example.com'],
    ['two @', 'bob@bob@example.com'],
    ['a full-width @', 'bob\uFF20example.com'],
    ['nothing before', '@example.com'],
    ['nothing after', 'bob@'],
    ['a domain of one word', 'bob@localhost'],
    ['an IP address', 'bob@127.0.0.1'],
    ['a hexadecimal IP address', 'bob@0x7f.1'],
    ['a short IP address', 'bob@1.2'],
    ['an address literal', 'bob@[127.0.0.1]'],
    ['an escape in the domain', 'bob@ex%61mple.com'],
    ['an underscore in the domain', 'bob@ex_ample.com'],
    ['an empty label', 'bob@example..com'],
    ['a last dot', 'bob@example.com.'],
    ['a full-width dot', 'bob@example\u3002com'],
    ['a hyphen first', 'bob@-example.com'],
    ['broken punycode', 'bob@xn--a.com'],
    ['quotes', '"bob"@example.com'],
    ['a comment', 'bob(x)@example.com'],
    ['two dots', 'bo..b@example.com'],
    ['a dot first', '.bob@example.com'],
    ['Latin and Cyrillic before the @', 'b\u043Eb@example.com'],
    ['Latin and Cyrillic after the @', 'bob@ex\u0430mple.com'],
    ['the same in punycode', 'bob@xn--exmple-4nf.com'],
    ['a mark first', '\u0301bob@example.com'],
    ['a long local part', `${'b'.repeat(65)}@example.com`],
    ['a long domain', `bob@${'b'.repeat(60)}.${'b'.repeat(60)}.${'b'.repeat(60)}.${'b'.repeat(60)}.example`],
    ['more than 254', `${'b'.repeat(64)}@${'b'.repeat(62)}.${'b'.repeat(62)}.${'b'.repeat(62)}.example`],
  ])('is refused with %s', (_why, text) => {
    expect(refusalOf(text)).toMatch(/^The e-mail address /);
  });

  it('is in its normal form once and for all, and never raw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' })), (text) => {
        if (refusalOf(text) !== undefined) return;
        const { address, key } = parseEmail(text);
        expect(emailKeyOf(key)).toBe(key);
        expect(emailKeyOf(address)).toBe(key);
        expect(address.split('@')[1]).toMatch(/^[a-z0-9.-]+$/);
        expect(`${address}${key}`).not.toMatch(/[\p{C}\p{Z}]/u);
      }),
      { numRuns: 500 },
    );
  });
});

const isemail = join(DATA, 'bad-input/email/isemail_tests_even.xml');
describe.skipIf(!existsSync(isemail))(`the isemail corpus (${isemail})`, () => {
  const tests = existsSync(isemail) ? readIsemail(readFileSync(isemail, 'utf8')) : [];

  it('has tests', () => expect(tests.length).toBeGreaterThan(80));

  it.each(tests.filter(({ category }) => category === 'ISEMAIL_ERR'))('refuses $address', ({ address }) => {
    expect(refusalOf(address)).toBeDefined();
  });

  // A quoted local part and a domain of one word are valid, but nobody's.
  const usual = ({ address, category }: { address: string; category: string }) =>
    category === 'ISEMAIL_VALID_CATEGORY' && !address.includes('"') && /\.[^.@]+$/.test(address);
  it.each(tests.filter(usual))('accepts $address', ({ address }) => {
    expect(refusalOf(address)).toBeUndefined();
  });
});

const confusables = join(DATA, 'bad-input/unicode/confusables.json');
describe.skipIf(!existsSync(confusables))(`the confusables corpus (${confusables})`, () => {
  const table = existsSync(confusables)
    ? (JSON.parse(readFileSync(confusables, 'utf8')) as Record<string, { c: string }[]>)
    : {};
  const lookAlikes = Object.entries(table)
    .filter(([letter]) => /^[a-z]$/.test(letter))
    .flatMap(([letter, others]) => others.map(({ c }) => ({ letter, c })))
    .filter(({ c }) => !/[\0-\x7f]/.test(c));

  it('has look-alikes', () => expect(lookAlikes.length).toBeGreaterThan(200));

  it('shows no domain that only looks like another', () => {
    for (const { letter, c } of lookAlikes) {
      const text = `user@b${c}nk.com`;
      if (refusalOf(text) !== undefined) continue;
      const domain = parseEmail(text).address.split('@')[1] ?? '';
      const plain = `b${c.normalize('NFKC').toLowerCase()}nk.com`;
      expect([plain, `b${letter}nk.com`].includes(domain) || domain.startsWith('xn--'), text).toBe(true);
      expect(domain).toMatch(/^[a-z0-9.-]+$/);
    }
  });

  it('lets no other script slip in among Latin letters before the @', () => {
    for (const { c } of lookAlikes) {
      const folded = c.normalize('NFKC');
      if (/^[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]+$/u.test(folded)) continue;
      if (
        /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u.test(
          folded,
        )
      )
        continue;
      expect(refusalOf(`b${c}b@example.com`), c).toBeDefined();
    }
  });
});

/** The symbols for control characters stand for the control characters (see the head of the file). */
function readIsemail(xml: string): { address: string; category: string }[] {
  return [...xml.matchAll(/<test id[\s\S]*?<\/test>/g)].map(([test]) => {
    const text = /<address>([\s\S]*?)<\/address>/.exec(test)?.[1] ?? '';
    const address = text
      .replace(/&#x([0-9A-F]+);/gi, (_all, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&')
      .replace(/[\u2400-\u241F]/g, (symbol) => String.fromCodePoint(symbol.charCodeAt(0) - 0x2400));
    return { address, category: /<category>(\w+)</.exec(test)?.[1] ?? '' };
  });
}
