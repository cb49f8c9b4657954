import fc from 'fast-check';
import type { Schema } from './document.ts';
import { Fields } from './tree.ts';

/**
 * A text that the service itself gave before, in a field of this name: one that was given to whoever calls (`mine`) or
 * to anybody. `pick`, from 0 to 1, is for the newest and the oldest. `otherwise` is taken when there is none.
 */
export class Known {
  readonly name: string;
  readonly pick: number;
  readonly mine: boolean;
  readonly otherwise: string;
  constructor(name: string, pick: number, mine: boolean, otherwise: string) {
    this.name = name;
    this.pick = pick;
    this.mine = mine;
    this.otherwise = otherwise;
  }
}

/** The least and the most of what a generated time can be: around the held clock of the service, and long after it. */
const TIMES = {
  min: new Date('2026-01-01T00:00:00Z'),
  max: new Date('2199-12-31T23:59:59Z'),
  noInvalidDate: true,
};
/** More rows than this say nothing new. */
const MOST_ITEMS = 4;

/** Values that are right by a schema; texts are often such as the service knows under the name of the field. */
export function valueOf(schema: Schema, name = ''): fc.Arbitrary<unknown> {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((form) => valueOf(form, name)));
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array': {
      const { minItems: minLength = 0, maxItems = MOST_ITEMS, items = {} } = schema;
      return fc.array(valueOf(items), { minLength, maxLength: Math.min(maxItems, MOST_ITEMS) });
    }
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 0, 2 ** 31) });
    case 'boolean':
      return fc.boolean();
    case 'string':
      return schema.enum ? fc.constantFrom(...schema.enum) : textOf(schema, name);
    default:
      return fc.jsonValue();
  }
}

function objectOf({ properties = {}, required = [] }: Schema): fc.Arbitrary<Fields> {
  const fields = Object.entries(properties).map(([name, inner]) => {
    const entry = valueOf(inner, name).map((value): [string, unknown][] => [[name, value]]);
    return required.includes(name) ? entry : fc.oneof(fc.constant([]), entry);
  });
  return fc.tuple(...fields).map((entries) => new Fields(entries.flat()));
}

function textOf(schema: Schema, name: string): fc.Arbitrary<unknown> {
  const made = madeOf(schema);
  const known = fc
    .tuple(fc.noBias(fc.nat({ max: 999 })), made)
    .map(([pick, otherwise]) => new Known(name, pick / 1_000, pick % 10 < 9, otherwise));
  const example = schema.examples ? [{ weight: 4, arbitrary: fc.constantFrom(...schema.examples) }] : [];
  // A key is for one call and an address for one account; the same one again is for once in a while.
  const [again, anew] = /key$/i.test(name) ? [1, 4] : schema.format === 'idn-email' ? [4, 4] : [12, 1];
  return fc.oneof({ weight: again, arbitrary: known }, ...example, { weight: anew, arbitrary: made });
}

function madeOf({ format, pattern, minLength, maxLength = 100 }: Schema): fc.Arbitrary<string> {
  switch (format) {
    case 'date-time':
      return fc.date(TIMES).map((date) => date.toISOString());
    case 'idn-email':
      return fc
        .tuple(
          fc.stringMatching(/^[a-zà-ý][a-z0-9.+-]{0,20}$/),
          fc.constantFrom('example.com', 'bücher.example', '例え.jp'),
        )
        .map((parts) => parts.join('@'));
    case 'password':
      return fc.string({ minLength: 15, maxLength: 64 });
    default:
      return pattern === undefined
        ? fc.string({ minLength: minLength ?? 0, maxLength })
        : fc.stringMatching(new RegExp(pattern, 'u'), { maxLength });
  }
}
