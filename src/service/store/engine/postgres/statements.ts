/** A statement as PostgreSQL takes it. With a name it is parsed once per connection. */
export type Statement = { readonly text: string; readonly name?: string };

/** The most statements a connection remembers: some are made from lists of any length. */
const MOST_NAMED = 500;

/** Translates `?` to `$1, $2, …`, outside quotes; each SQL text once. */
export function makeStatements(): (sql: string) => Statement {
  const known = new Map<string, Statement>();
  return (sql) => {
    const found = known.get(sql);
    if (found) return found;
    const text = numbered(sql);
    if (known.size >= MOST_NAMED) return { text };
    const statement = { text, name: `okpay_${known.size + 1}` };
    known.set(sql, statement);
    return statement;
  };
}

function numbered(sql: string): string {
  let count = 0;
  return sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g, (found) => (found === '?' ? `$${++count}` : found));
}
