/** What is shown to people, as data: a line, a table, or facts as `label  value`. An undefined block is left out. */
export type Block = string | Table | Facts | undefined;

/** One column of a table; `right` for figures. */
export type Column = { readonly title: string; readonly align?: 'left' | 'right' };

export type Table = {
  readonly kind: 'table';
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** What is said instead of a table without rows. */
  readonly empty: string;
};

export type Facts = {
  readonly kind: 'facts';
  readonly rows: readonly (readonly [label: string, value: string])[];
};

/** A table. A column is a title, or `{ title, align: 'right' }` for figures. */
export function table(
  columns: readonly (string | Column)[],
  rows: readonly (readonly string[])[],
  empty: string,
): Table {
  const full = columns.map((column) => (typeof column === 'string' ? { title: column } : column));
  return { kind: 'table', columns: full, rows, empty };
}

/** Facts about one thing, one a line; those without a value are left out. */
export function facts(...rows: (readonly [label: string, value: string | undefined])[]): Facts {
  return {
    kind: 'facts',
    rows: rows.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const])),
  };
}
