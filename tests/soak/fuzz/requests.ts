import fc from 'fast-check';
import type { Call, Parameter } from './document.ts';
import type { Naughty } from './naughty.ts';
import { copyTree, Fields, Raw, fieldsIn, spotsOf } from './tree.ts';
import { valueOf } from './values.ts';

/** Who calls: somebody of at least a rank, somebody whose token the service gave, or nobody it knows. */
export type Who = { readonly rank: string; readonly pick: number } | 'learned' | 'nobody';

/** A request before anything in it is looked up, and before it is text. Spoils change it in place. */
export type Draft = {
  readonly call: Call;
  readonly who: Who;
  method: string;
  /** Of the path by their names; one that is Raw goes out unescaped. */
  places: [string, unknown][];
  query: Fields;
  headers: [string, unknown][];
  body: unknown;
  /** The bytes in the place of the body, when it is none of the document's. */
  bytes: Buffer | undefined;
  /** Without its length in front. */
  chunked: boolean;
};

/** Makes one thing about a draft wrong. */
export type Spoil = (draft: Draft) => void;

/** Heavy for the service and of few forms, or the end of a session that others need: asked for less often. */
const RARE = [
  'export-journal',
  'get-statement',
  'verify-ledger',
  'import-statement',
  'import-rates',
  'log-out',
  'revoke-session',
];
/** What most has to go right for. */
const OFTEN = ['create-quote', 'create-transfer'];
const RANKS = ['anyone', 'holder', 'viewer', 'support', 'senior', 'admin'];

/** Requests of every operation: right ones that get far, and the same with one or two things wrong. */
export function requests(calls: readonly Call[], naughty: Naughty): fc.Arbitrary<Draft> {
  const spoils = spoilsOf(naughty);
  return fc.oneof(
    ...calls.map((call) => ({
      weight: RARE.includes(call.operation) ? 1 : OFTEN.includes(call.operation) ? 30 : 10,
      arbitrary: fc.tuple(draftOf(call), spoils).map(([right, wrong]) => {
        const draft = copyOf(right);
        for (const spoil of wrong) spoil(draft);
        return draft;
      }),
    })),
  );
}

function draftOf(call: Call): fc.Arbitrary<Draft> {
  const of = (place: Parameter['in']) =>
    fc.tuple(...call.parameters.filter((each) => each.in === place).map(given));
  return fc
    .record({
      who: whoFor(call.who),
      places: of('path'),
      query: of('query'),
      headers: of('header'),
      body: bodyOf(call),
    })
    .map(({ who, places, query, headers, body }) => ({
      call,
      who,
      method: call.method,
      places: places.flat(),
      query: new Fields(query.flat()),
      headers: [
        ...headers.flat(),
        ...(call.body ? [['content-type', call.body.type] as [string, unknown]] : []),
      ],
      body,
      bytes: undefined,
      chunked: false,
    }));
}

function given({ name, required, schema }: Parameter): fc.Arbitrary<[string, unknown][]> {
  const value = valueOf(schema, name).map((made): [string, unknown][] => [[name, made]]);
  const none = fc.constant<[string, unknown][]>([]);
  return required ? value : fc.oneof({ weight: 3, arbitrary: none }, { weight: 1, arbitrary: value });
}

/** A body without a schema is a file, and those the service takes are known by its media type. */
function bodyOf({ body }: Call): fc.Arbitrary<unknown> {
  if (!body) return fc.constant(undefined);
  return valueOf(body.schema ?? { type: 'string' }, body.schema ? '' : body.type);
}

function whoFor(rank: string): fc.Arbitrary<Who> {
  const pick = fc.noBias(fc.double({ min: 0, max: 1, noNaN: true }));
  const someone = (rank: string) => pick.map((pick) => ({ rank, pick }));
  return fc.oneof(
    { weight: 16, arbitrary: someone(rank === 'anyone' ? 'holder' : rank) },
    { weight: 2, arbitrary: fc.constantFrom(...RANKS).chain(someone) },
    { weight: 1, arbitrary: fc.constantFrom('learned' as const, 'nobody' as const) },
  );
}

/** While shrinking, the same right draft is spoiled in many ways. */
function copyOf(draft: Draft): Draft {
  const places = draft.places.map(([name, value]): [string, unknown] => [name, value]);
  return {
    ...draft,
    places,
    query: copyTree(draft.query),
    headers: [...draft.headers],
    body: copyTree(draft.body),
  };
}

/** Mostly nothing, else one or two of them. */
function spoilsOf(naughty: Naughty): fc.Arbitrary<Spoil[]> {
  const one = spoilOf(naughty);
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 8, arbitrary: fc.constant<Spoil[]>([]) },
    { weight: 5, arbitrary: fc.tuple(one) },
    { weight: 1, arbitrary: fc.tuple(one, one) },
  );
}

/** Numbers and words that no JSON.stringify would write. */
const RAWS = [
  '1e400',
  '-0',
  '1.0',
  '9007199254740993',
  '01',
  'NaN',
  '"\\ud800"',
  '"\\u0000"',
  "'a'",
  '',
  '[1,]',
];
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'role',
  'id',
  'owner',
  'then',
];
const TYPES = [
  'text/plain',
  'application/xml',
  'application/json; charset=latin1',
  'multipart/form-data',
  '',
];
const TOKENS = ['Bearer', 'Bearer x', 'Basic YTpi', `Bearer okp_${'A'.repeat(43)}`, 'Bearer a, Bearer b', ''];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

function spoilOf({ texts, bytes }: Naughty): fc.Arbitrary<Spoil> {
  const pick = fc.noBias(fc.nat({ max: 1_000 }));
  const text = fc.oneof(fc.constantFrom(...texts), fc.string({ unit: 'binary', maxLength: 300 }));
  const hostile = fc.oneof(
    { weight: 4, arbitrary: text },
    fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e21, 2 ** 53, [], [[]], {}, { amount: '1' }),
    fc.constantFrom(...RAWS).map((raw) => new Raw(raw)),
    fc.constantFrom(31, 32, 33, 3_000).map((depth) => new Raw('['.repeat(depth) + ']'.repeat(depth))),
  );
  const name = fc.oneof(fc.constantFrom(...NAMES), text);
  const change = (use: (draft: Draft, pick: number, value: unknown) => void) =>
    fc.tuple(pick, hostile).map(
      ([at, value]): Spoil =>
        (draft) =>
          // A copy: what is spoilt later must not be the value that others get.
          use(draft, at, copyTree(value)),
    );
  const anywhere = (draft: Draft, at: number) => {
    const spots = [...spotsOf(draft.query), ...spotsOf(draft.body)];
    return spots[at % Math.max(1, spots.length)];
  };
  const header = (name: string, values: fc.Arbitrary<string>) =>
    values.map((value): Spoil => (draft) => {
      draft.headers = draft.headers.filter(([each]) => each.toLowerCase() !== name.toLowerCase());
      if (value !== '') draft.headers.push([name, value]);
    });
  return fc.oneof(
    { weight: 6, arbitrary: change((draft, at, value) => anywhere(draft, at)?.set(value)) },
    { weight: 2, arbitrary: change((draft, at) => anywhere(draft, at)?.drop()) },
    { weight: 1, arbitrary: change((draft, at) => anywhere(draft, at)?.repeat(at % 50 === 0 ? 1_100 : 1)) },
    {
      weight: 3,
      arbitrary: fc.tuple(pick, name, hostile).map(([at, extra, value]): Spoil => (draft) => {
        const all = [draft.query, ...fieldsIn(draft.body)];
        all[at % all.length]?.entries.push([extra, copyTree(value)]);
      }),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(pick, text, fc.boolean()).map(([at, value, isRaw]): Spoil => (draft) => {
        const place = draft.places[at % Math.max(1, draft.places.length)];
        if (place) place[1] = isRaw ? new Raw(value) : value;
      }),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...bytes).map(
        (some): Spoil =>
          (draft) =>
            (draft.bytes = some),
      ),
    },
    { weight: 1, arbitrary: header('content-type', fc.constantFrom(...TYPES)) },
    { weight: 1, arbitrary: header('content-encoding', fc.constantFrom('gzip', 'br', 'identity')) },
    { weight: 2, arbitrary: header('Idempotency-Key', fc.oneof(fc.constant(''), text)) },
    { weight: 1, arbitrary: header('authorization', fc.oneof(fc.constantFrom(...TOKENS), text)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...METHODS).map(
        (method): Spoil =>
          (draft) =>
            (draft.method = method),
      ),
    },
    { weight: 1, arbitrary: fc.constant<Spoil>((draft) => (draft.chunked = true)) },
  );
}
