import * as z from 'zod/mini';
import { OPERATIONS, placesOf, type Operation } from '../src/core/contract/operations.ts';
import { REFUSALS } from '../src/core/contract/refusals.ts';
import { LIMITS } from '../src/core/contract/schemas.ts';
import { cell, table } from './markdown.ts';

type Schema = z.core.JSONSchema.JSONSchema;

const ROLES: Readonly<Record<Operation['role'], string>> = {
  anyone: 'Anyone.',
  holder: 'A holder who is logged in.',
  viewer: 'Staff: viewer or higher.',
  support: 'Staff: support or higher.',
  senior: 'Staff: senior or higher.',
  admin: 'Staff: admin.',
  console: 'Only the machine that holds the database, in-process: not over HTTP.',
};

const KEYS: Readonly<Record<NonNullable<Operation['money']>, string>> = {
  header: 'Needs an `Idempotency-Key`.',
  rows: 'The `key` of each row is its `Idempotency-Key`, and each row has its own ending.',
};

const SCOPES: Readonly<Record<NonNullable<Operation['scope']>, string>> = {
  any: 'Any token may.',
  read: 'A token needs the scope `read`.',
  pay: 'A token needs the scope `pay`.',
  payees: 'A token needs the scope `payees`.',
  staff: 'A token needs the scope `staff`.',
};

/** The text of docs/api.md: every operation with its path, role, fields and answer, then all refusals and limits. */
export function renderApiReference(): string {
  const operations = Object.entries<Operation>(OPERATIONS);
  const lines = [
    '# The OKpay API',
    '',
    'Made from the operations table by `npm run reference`: do not edit. A running server gives the same as OpenAPI 3.1 at `/openapi.json`.',
    '',
    'JSON over HTTP. Reading and deleting take their fields in the query, everything else in a JSON body. Money is',
    '`{ "amount": "12.50", "currency": "EUR" }`: a decimal string, never a number. Times are RFC 3339 in UTC. A token goes into',
    '`Authorization: Bearer …`. A call that moves money needs an `Idempotency-Key`: asking again with the same key never pays twice.',
    'In-process, from the library and from the command line, the same operations are called by their names.',
    '',
    table(
      ['Operation', 'Path', 'Who', 'Scope', ''],
      operations.map(([name, { method, path, role, scope, summary }]) => [
        `[\`${name}\`](#${name})`,
        `\`${method} ${path}\``,
        role,
        scope ?? '',
        cell(summary),
      ]),
    ),
    '',
    ...operations.flatMap(([name, operation]) => operationLines(name, operation)),
    '## Refusals',
    '',
    'Every expected no is `application/problem+json` (RFC 9457) with one of these codes; `facts` says the figures.',
    '',
    table(
      ['Code', 'Status', 'Exit code', 'Meaning'],
      Object.entries(REFUSALS).map(([code, { status, exit, title }]) => [
        `\`${code}\``,
        String(status),
        String(exit),
        cell(title),
      ]),
    ),
    '',
    '## Limits',
    '',
    table(
      ['Limit', ''],
      Object.entries(LIMITS).map(([name, most]) => [words(name), most.toLocaleString('en')]),
    ),
    '',
  ];
  return lines.join('\n');
}

function operationLines(name: string, operation: Operation): string[] {
  const { method, path, role, scope, summary, money, stream } = operation;
  const input = jsonSchema(operation.input, 'input');
  const places = placesOf(operation);
  const inQuery = method !== 'POST' || stream === 'in';
  const fieldsOf = (form: Schema) =>
    Object.entries(form.properties ?? {}).map(([field, schema]) => [
      `\`${field}\``,
      places.includes(field) ? 'path' : inQuery ? 'query' : 'body',
      form.required?.includes(field) ? 'yes' : '',
      cell(shape(schema as Schema)),
    ]);
  const forms = (input.anyOf ?? [input]).map(fieldsOf);
  return [
    `## ${name}`,
    '',
    `\`${method} ${path}\``,
    '',
    `${summary}. ${ROLES[role]}${tokenWords(role, scope)}${money ? ` ${KEYS[money]}` : ''}`,
    '',
    ...forms.flatMap((fields, at) => [
      ...(at > 0 ? ['or:', ''] : []),
      ...(fields.length > 0 ? [table(['Field', 'In', 'Needed', 'Type'], fields), ''] : []),
    ]),
    ...(stream === 'in'
      ? [`The body is XML, at most ${LIMITS.statementBytes.toLocaleString('en')} bytes.`, '']
      : []),
    ...answerLines(operation),
  ];
}

/** What a token for programs needs to call it. */
function tokenWords(role: Operation['role'], scope: Operation['scope']): string {
  if (role === 'anyone' || role === 'console') return '';
  return ` ${scope ? SCOPES[scope] : 'In a session only, not by a token.'}`;
}

function answerLines({ output, stream }: Operation): string[] {
  if (stream === 'out') return ['The answer is a stream of text.', ''];
  const answer = jsonSchema(output, 'output');
  if (Object.keys(answer.properties ?? {}).length === 0) return ['The answer is an empty object.', ''];
  return ['```text', shape(answer, ''), '```', ''];
}

function jsonSchema(schema: Operation['input'], io: 'input' | 'output'): Schema {
  return z.toJSONSchema(schema, { io, reused: 'inline', unrepresentable: 'any' });
}

/** A schema as a person would write the type down. With `indent` an object takes a line for each field. */
function shape(schema: Schema, indent?: string): string {
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(' | ');
  if (schema.type === 'array') {
    const { maxItems } = schema;
    const most = indent === undefined && maxItems !== undefined ? `, at most ${maxItems}` : '';
    return `${shape(schema.items as Schema, indent)}[]${most}`;
  }
  if (schema.anyOf) return `(${schema.anyOf.map((each) => shape(each, indent)).join(' | ')})`;
  if (schema.type === 'object') return objectShape(schema, indent);
  const limits = [
    schema.maxLength === undefined ? [] : [`at most ${schema.maxLength} characters`],
    schema.minimum === undefined ? [] : [`from ${schema.minimum}`],
    schema.maximum === undefined ? [] : [`to ${schema.maximum}`],
  ].flat();
  const type = typeof schema.type === 'string' ? schema.type : 'any';
  const name = schema.format === 'date-time' ? 'time' : type;
  return indent === undefined && limits.length > 0 ? `${name}, ${limits.join(' ')}` : name;
}

function objectShape(schema: Schema, indent: string | undefined): string {
  const fields = Object.entries(schema.properties ?? {}) as [string, Schema][];
  if (fields.map(([name]) => name).join() === 'amount,currency') return 'money';
  if (fields.length === 0) return 'object';
  const line = ([name, field]: [string, Schema], inner?: string) =>
    `${name}${schema.required?.includes(name) ? '' : '?'}: ${shape(field, inner)}`;
  if (indent === undefined) return `{ ${fields.map((field) => line(field)).join(', ')} }`;
  const inner = `${indent}  `;
  return ['{', ...fields.map((field) => inner + line(field, inner)), `${indent}}`].join('\n');
}

/** `emailLength` as `email length`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
