import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { callsOf, problemsOf, type Answers, type Call, type Document, type Schema } from './document.ts';
import type { Answer } from './sender.ts';
import type { Wire } from './wire.ts';

/** Something that is not as the document says; `fault` is the same for the same thing in other requests. */
export type Finding = { readonly fault: string; readonly detail: string };

export type Checker = (wire: Wire, answer: Answer) => Finding | undefined;

/** RFC 6531 mailboxes, roughly: JSON Schema has the format, the validator does not. */
const MAILBOX = /^[^\s@]+@[^\s@]+$/u;
/** What only the inside of the service says: a place in its code, or a fault of its database. */
const TELLING = /\\n\s+at \S|\bnode:internal|\.[jt]s:\d+|\bSQLITE_[A-Z]|syntax error at or near/;
/** Lists whose rows are each told apart: a row that is not written right is refused alone. */
const ROW_BY_ROW = /^\/transfers\/\d+/;

/**
 * Holds each answer against what the document says of it: there is one, it is no failure of the service, its status is
 * one that the document knows, and its media type, body and headers are those of that status. And the other way round:
 * what the document forbids is not done.
 */
export function makeChecker(document: Document): Checker {
  const ajv = new Ajv2020({ strict: false, validateSchema: false });
  addFormats.default(ajv, ['date-time', 'password', 'int32', 'int64']);
  ajv.addFormat('idn-email', MAILBOX);
  const made = new Map<object, ValidateFunction>();
  const validatorOf = (schema: object): ValidateFunction => {
    const found = made.get(schema) ?? ajv.compile({ ...schema, components: document.components });
    made.set(schema, found);
    return found;
  };
  /** What is wrong with a value, in the validator's words. */
  const wrong = (schema: object, value: unknown): { at: string; why: string } | undefined => {
    const validate = validatorOf(schema);
    if (validate(value)) return undefined;
    const [error] = validate.errors ?? [];
    return {
      at: error?.instancePath ?? '',
      why: `${error?.instancePath} ${error?.message} ${JSON.stringify(error?.params)}`,
    };
  };
  const problems = problemsOf(document);
  // What is written out in a path comes before what has places in it.
  const calls = callsOf(document).sort(
    (one, other) => one.path.split('{').length - other.path.split('{').length,
  );

  const checkAnswer = (
    name: string,
    answers: ReadonlyMap<string, Answers>,
    answer: Answer,
  ): Finding | undefined => {
    if ('failed' in answer) return { fault: `${name} ${answer.failed}`, detail: '' };
    const { status, headers, text } = answer;
    const here = `${name} ${status}`;
    if (status >= 500) return { fault: here, detail: text };
    if (TELLING.test(text)) return { fault: `${here} tells of the inside`, detail: text };
    const described = answers.get(String(status));
    if (!described) return { fault: `${here} is not in the document`, detail: text };
    const type = String(headers['content-type']);
    const [media = ''] = type.split(';');
    const content = described.content[media];
    if (!content || !type.endsWith('; charset=utf-8')) return { fault: `${here} is ${type}`, detail: text };
    for (const [header, { schema }] of Object.entries(described.headers)) {
      const value = headers[header.toLowerCase()];
      const isRight =
        value === undefined ||
        (schema !== false && !wrong(schema as Schema, readText(String(value), schema as Schema)));
      if (!isRight) return { fault: `${here} has a wrong header ${header}`, detail: String(value) };
    }
    if (!content.schema) return undefined;
    const body = readJson(text);
    if (!body) return { fault: `${here} is not JSON`, detail: text };
    const found = wrong(content.schema, body.value);
    if (found) return { fault: `${here} is not as its schema says: ${sameFor(found.why)}`, detail: text };
    const told = (body.value as { status?: number }).status;
    if (status >= 400 && told !== status) return { fault: `${here} says that it is ${told}`, detail: text };
    return undefined;
  };

  /** What the document forbids in a request, if anything. */
  const forbidden = ({ call, places }: Route, { target, headers, body }: Wire): string | undefined => {
    const query = [...new URL(target, HERE).searchParams];
    const sent = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
    for (const { name, in: place, required, schema } of call.parameters) {
      const values = query.flatMap(([each, value]) => (place === 'query' && each === name ? [value] : []));
      if (values.length > 1) return `${name} is given twice`;
      const value = { path: places.get(name), query: values[0], header: sent.get(name.toLowerCase()) }[place];
      if (value === undefined && required) return `${name} is missing`;
      const found = value === undefined ? undefined : wrong(schema, readText(value, schema));
      if (found) return `${name}${found.why}`;
    }
    const known = call.parameters.flatMap(({ in: place, name }) => (place === 'query' ? [name] : []));
    if (query.some(([name]) => !known.includes(name))) return 'nobody knows what is in the query';
    if (!call.body) return body === undefined || body.length === 0 ? undefined : 'there is a body';
    if (sent.get('content-type')?.split(';')[0] !== call.body.type)
      return `it is ${sent.get('content-type')}`;
    if (!call.body.schema) return undefined;
    const json = readJson(body?.toString() ?? '');
    if (!json) return 'the body is no JSON';
    const found = wrong(call.body.schema, json.value);
    return found && !ROW_BY_ROW.test(found.at) ? found.why : undefined;
  };

  return (wire, answer) => {
    const route = routeOf(calls, wire);
    if (!route) return checkAnswer('elsewhere', problems, answer);
    const { operation, answers } = route.call;
    const found = checkAnswer(operation, answers, answer);
    if (found || 'failed' in answer || answer.status >= 300) return found;
    const why = forbidden(route, wire);
    if (why === undefined) return undefined;
    return { fault: `${operation} does what the document forbids: ${sameFor(why)}`, detail: answer.text };
  };
}

/** The operation a request reaches, with the texts in the places of its path. */
type Route = { readonly call: Call; readonly places: ReadonlyMap<string, string> };
const HERE = 'http://localhost';

function routeOf(calls: readonly Call[], { method, target }: Wire): Route | undefined {
  const { pathname } = new URL(target, HERE);
  for (const call of calls) {
    const names = [...call.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const found = new RegExp(`^${call.path.replace(/\{\w+\}/g, '([^/]+)')}$`).exec(pathname);
    if (!found || method !== call.method) continue;
    return { call, places: new Map(names.map((name, at) => [name, decode(found[at + 1] ?? '')])) };
  }
  return undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A text outside of JSON, as a value of a schema. */
function readText(text: string, { type }: Schema): unknown {
  return type === 'integer' ? (readJson(text)?.value ?? text) : text;
}

function readJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Which row or character it was makes no other fault of it. */
function sameFor(why: string): string {
  return why.replace(/\d+/g, 'N').slice(0, 300);
}
