import { TEXT_RULES, type TextRule } from './text-rules.ts';

/**
 * The part of a message that is read, one row per type and per version that changed it: `name?` at most once, `name*` any
 * number, `name{3}` at most 3, `name+` at least once, `name` once; `A | B` one of them; after the colon the type of the
 * element. An element without a type is skipped: it may hold anything that is well-formed.
 */
export type MessageTypes = Readonly<Record<string, Readonly<Partial<Record<number, string>>>>>;

/** What may stand in an element: other elements in order, one of several, or text. */
export type Model = {
  readonly isChoice: boolean;
  readonly items: readonly ModelItem[];
  readonly rules: readonly TextRule[];
  readonly hasCurrency: boolean;
};

/** One place in a model. No model: the element is skipped with everything in it. */
export type ModelItem = {
  readonly name: string;
  readonly atLeast: 0 | 1;
  readonly atMost: number;
  readonly model: Model | undefined;
};

type Row = { isChoice: boolean; items: RowItem[] };
type RowItem = { name: string; atLeast: 0 | 1; atMost: number; types: string[] };

/**
 * The model of a type in one version. One that lies between versions whose rows are known is held to what they agree on: it
 * may use what either allows, and must have what both require.
 */
export function modelOf(table: MessageTypes, type: string, versions: readonly number[]): Model {
  return build(table, [type], versions, new Map());
}

function build(
  table: MessageTypes,
  types: readonly string[],
  versions: readonly number[],
  built: Map<string, Model>,
): Model {
  const key = types.join(' ');
  const known = built.get(key);
  if (known) return known;
  const rows = types.flatMap((type) => [
    ...new Set(versions.map((version) => textOfRow(table, type, version))),
  ]);
  const row = rows
    .filter((text) => text !== undefined)
    .map(parseRow)
    .reduce<Row | undefined>((merged, next) => (merged ? merge(merged, next) : next), undefined);
  const model: Model = {
    isChoice: row?.isChoice ?? false,
    items: (row?.items ?? []).map(({ name, atLeast, atMost, types: inner }) => ({
      name,
      atLeast,
      atMost,
      model: inner.length === 0 ? undefined : build(table, inner, versions, built),
    })),
    rules: types.map((type) => TEXT_RULES[type]).filter((rule) => rule !== undefined),
    hasCurrency: types.includes('Amount'),
  };
  built.set(key, model);
  return model;
}

/** The row of the newest version that changed the type, up to this one. */
function textOfRow(table: MessageTypes, type: string, version: number): string | undefined {
  const row = table[type];
  if (!row) return undefined;
  const known = Object.keys(row).map(Number);
  const newest = Math.max(...known.filter((candidate) => candidate <= version));
  return row[newest];
}

function parseRow(text: string): Row {
  const isChoice = text.includes('|');
  const items = text.split(/[\s|]+/).map((word): RowItem => {
    const [, name = '', times = '', type] = /^([A-Za-z0-9]+)([?*+]|\{[0-9]+\})?(?::(\w+))?$/.exec(word) ?? [];
    return {
      name,
      atLeast: times === '' || times === '+' ? 1 : 0,
      atMost: times === '*' || times === '+' ? Infinity : Number(/[0-9]+/.exec(times)?.[0] ?? 1),
      types: type === undefined ? [] : [type],
    };
  });
  return { isChoice, items };
}

/** What either row allows, in an order both have, requiring only what both require. */
function merge(left: Row, right: Row): Row {
  if (left.isChoice !== right.isChoice) {
    const items = [...left.items, ...right.items].map((item) => ({ ...item, atLeast: 0 as const }));
    return { isChoice: false, items };
  }
  const items: RowItem[] = [];
  const rest = [...left.items];
  for (const item of right.items) {
    const same = rest.findIndex(({ name }) => name === item.name);
    const before = rest.splice(0, Math.max(0, same));
    items.push(...before.map((only) => ({ ...only, atLeast: 0 as const })));
    const twin = same === -1 ? undefined : rest.shift();
    items.push({
      name: item.name,
      atLeast: twin?.atLeast === 1 && item.atLeast === 1 ? 1 : 0,
      atMost: Math.max(twin?.atMost ?? 0, item.atMost),
      types: [...new Set([...(twin?.types ?? []), ...item.types])],
    });
  }
  items.push(...rest.map((only) => ({ ...only, atLeast: 0 as const })));
  return { isChoice: left.isChoice, items };
}
