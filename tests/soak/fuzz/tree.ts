/** Text that goes out as it is: no JSON string is made of it, and nothing in it is escaped. */
export class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Named values in their order, names may come twice: a JSON object, or a query. */
export class Fields {
  readonly entries: [string, unknown][];
  constructor(entries: [string, unknown][]) {
    this.entries = entries;
  }
}

/** A place in a tree of fields and lists: what is there can be replaced, left out, or put there again. */
export type Spot = {
  readonly get: () => unknown;
  readonly set: (value: unknown) => void;
  readonly drop: () => void;
  readonly repeat: (times: number) => void;
};

/** Every place inside a value, outermost first. */
export function spotsOf(value: unknown): Spot[] {
  if (value instanceof Fields) {
    return value.entries.flatMap((entry) => [
      spot(
        value.entries,
        entry,
        () => entry[1],
        (made) => (entry[1] = made),
      ),
      ...spotsOf(entry[1]),
    ]);
  }
  if (!Array.isArray(value)) return [];
  const list = value as unknown[];
  return list.flatMap((item, place) => [
    spot(
      list,
      item,
      () => list[place],
      (made) => (list[place] = made),
    ),
    ...spotsOf(item),
  ]);
}

function spot(list: unknown[], item: unknown, get: Spot['get'], set: Spot['set']): Spot {
  return {
    get,
    set,
    drop: () => void list.splice(list.indexOf(item), 1),
    repeat: (times) => void list.push(...Array.from({ length: times }, () => item)),
  };
}

/** Every object of fields inside a value, itself too. */
export function fieldsIn(value: unknown): Fields[] {
  if (value instanceof Fields) return [value, ...value.entries.flatMap(([, inner]) => fieldsIn(inner))];
  return Array.isArray(value) ? value.flatMap(fieldsIn) : [];
}

/** The JSON text of a tree. */
export function writeJson(value: unknown): string {
  if (value instanceof Raw) return value.text;
  if (value instanceof Fields) {
    const fields = value.entries.map(([name, inner]) => `${JSON.stringify(name)}:${writeJson(inner)}`);
    return `{${fields.join(',')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  return JSON.stringify(value) ?? 'null';
}

/** The same tree, of objects and lists of its own. */
export function copyTree<Tree>(value: Tree): Tree {
  if (value instanceof Fields) {
    return new Fields(value.entries.map(([name, inner]) => [name, copyTree(inner)])) as Tree;
  }
  return Array.isArray(value) ? (value.map((item: unknown) => copyTree(item)) as Tree) : value;
}
