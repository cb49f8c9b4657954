import { hash } from 'node:crypto';

/**
 * What must be equal when an Idempotency-Key comes again: a short SHA-256 digest per field, so that a mismatch can
 * name the field and no personal text is kept twice. Fields that are undefined count as absent.
 * Source: draft-ietf-httpapi-idempotency-key-header.
 */
export function fingerprintOf(fields: Fields): string {
  return fingerprinter()(fields);
}

type Fields = Readonly<Record<string, string | undefined>>;

/** The same for many, which often have fields in common: each different value is digested once. */
export function fingerprinter(): (fields: Fields) => string {
  const digests = new Map<string, string>();
  const digestOf = (value: string): string => {
    let found = digests.get(value);
    if (found === undefined) digests.set(value, (found = digest(value)));
    return found;
  };
  return (fields) => {
    let text = '';
    for (const name in fields) {
      const value = fields[name];
      if (value !== undefined) text += `${text === '' ? '' : ' '}${name}=${digestOf(value)}`;
    }
    return text;
  };
}

/**
 * The first field in which two fingerprints differ, or undefined when they are equal. An empty first fingerprint is
 * that of a burnt key: it answers whatever is asked under it.
 */
export function differingField(first: string, second: string): string | undefined {
  if (first === second || first === '') return undefined;
  const fields = new Map(first.split(' ').map(split));
  for (const [name, value] of second.split(' ').map(split)) {
    if (fields.get(name) !== value) return name;
    fields.delete(name);
  }
  return fields.keys().next().value;
}

function split(field: string): [string, string] {
  const at = field.indexOf('=');
  return [field.slice(0, at), field.slice(at + 1)];
}

function digest(value: string): string {
  return hash('sha256', value, 'base64url').slice(0, 16);
}
