import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');

/** Says that the shared test data is not there; empty when it is. */
export const MISSING = existsSync(join(DATA, 'bad-input'))
  ? ''
  : ` (without the lists of others: no test data at ${DATA})`;

/** Text and bytes that were made to do harm. */
export type Naughty = { readonly texts: readonly string[]; readonly bytes: readonly Buffer[] };

/** What goes wrong in programs of every kind, for those who do not have the lists of others. */
const TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udfff\ud800',
  '\ufeff',
  '\u202egnp.exe',
  '\u200b',
  '\u0958'.repeat(100),
  'ﷺ'.repeat(60),
  'Z̸̡̢̛͈̟̪̪͓̤̯̦͇̙͔͈ͭ͋ͧ̆͛̔̌ͬ̀͡',
  '👩‍👩‍👧‍👦',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  'NaN',
  'true',
  '-1',
  '0x10',
  '1e400',
  '9'.repeat(400),
  '١٢٣',
  '12,50',
  '-0',
  "' OR 1=1 --",
  '"; DROP TABLE users; --',
  '${jndi:ldap://127.0.0.1/a}',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '%00',
  '%zz',
  '\r\nX-Injected: 1',
  '<script>alert(1)</script>',
  '9999-12-31T23:59:60+23:59',
  '0000-01-01T00:00:00-23:59',
  'x'.repeat(5_000),
  'a@b.'.repeat(1_000),
];

const BYTES = [
  '',
  '{',
  '[]',
  'null',
  '"',
  '{}{}',
  '{"a":1e999}',
  '\ufeff{}',
  `${'['.repeat(5_000)}`,
  `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`,
  '<Document/>',
  '<?xml version="1.0" encoding="UTF-16"?><Document/>',
  '<!DOCTYPE x [<!ENTITY a "b">]><Document>&a;</Document>',
].map((text) => Buffer.from(text));

/** All of it, with the lists of the shared test data where they are. */
export function readNaughty(): Naughty {
  const more = [Buffer.from([0xff, 0xfe, 0x00]), Buffer.from([0xc3, 0x28]), Buffer.from('{}', 'utf16le')];
  if (MISSING !== '') return { texts: TEXTS, bytes: [...BYTES, ...more] };
  const texts = [
    ...(JSON.parse(read('strings/blns_even.json').toString()) as string[]),
    ...['sql/Auth_Bypass.txt', 'path/directory_traversal.txt', 'redirect/openredirects.txt']
      .concat(['xml/payloads_XXE_Fuzzing.txt'])
      .flatMap((name) => read(name).toString().split('\n')),
    ...[
      ...read('email/isemail_tests_even.xml')
        .toString()
        .matchAll(/<address>(.*?)<\/address>/g),
    ].map(([, address = '']) => address),
    ...Object.keys(JSON.parse(read('unicode/confusables.json').toString()) as object)
      .filter((_, place) => place % 20 === 0)
      .map((letter) => letter.repeat(20)),
  ];
  const bytes = ['json', 'json_transform', 'xml'].flatMap((folder) =>
    readdirSync(join(DATA, 'bad-input', folder)).map((name) => read(`${folder}/${name}`)),
  );
  return { texts: [...TEXTS, ...texts], bytes: [...BYTES, ...more, ...bytes] };
}

function read(name: string): Buffer {
  return readFileSync(join(DATA, 'bad-input', name));
}
