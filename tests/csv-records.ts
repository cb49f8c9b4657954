/** Records of RFC 4180 text, by the letter. */
export function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let [record, rest]: [string[], string] = [[], text];
  while (rest !== '') {
    const [whole, quoted, plain = '', end = ''] =
      /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest) ?? [];
    if (whole === undefined) throw new Error(`not RFC 4180: ${rest.slice(0, 80)}`);
    record.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ',') {
      records.push(record);
      record = [];
    }
    rest = rest.slice(whole.length);
  }
  return records;
}

/** The same with each record as an object of its cells by their columns. */
export function rowsOf(text: string): Record<string, string>[] {
  const [columns = [], ...records] = recordsOf(text);
  return records.map((record) => Object.fromEntries(columns.map((column, at) => [column, record[at] ?? ''])));
}
