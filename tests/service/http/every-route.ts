import fc from 'fast-check';
import type { Service } from '../../../src/service/app.ts';
import { buildApp } from '../../../src/service/http/app.ts';
import { callsOf, type Call, type Document, type Schema } from '../../soak/fuzz/document.ts';
import type { Draft } from '../../soak/fuzz/requests.ts';
import { Fields } from '../../soak/fuzz/tree.ts';
import { Known, valueOf } from '../../soak/fuzz/values.ts';
import { wireOf, type Wire } from '../../soak/fuzz/wire.ts';

export type Route = {
  readonly method: string;
  /** With an `x` in each place. */
  readonly path: string;
  /** What paths it takes. */
  readonly pattern: RegExp;
};

/** Every route of the server, as its router has them, operations and pages and all. */
export function everyRoute(service: Service): Route[] {
  const options = { publicUrl: 'http://127.0.0.1:7227', behindProxy: false, patienceMs: 1_000 };
  const { routes } = buildApp(service, { ...options, isStopping: () => false });
  return routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({
      method,
      path: path.replace(/:\w+/g, 'x'),
      pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`),
    }));
}

/** For each operation that the network reaches, requests that its schema takes, with every field that it may have. */
export async function everyDraft(url: string): Promise<Draft[]> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  return callsOf(document).flatMap((call) => formsOf(call).map((body) => draftOf(call, body)));
}

/** A draft as it goes out, for whoever has the token. */
export function wireFor(draft: Draft, token?: string): Wire {
  return wireOf(draft, {
    known: ({ otherwise }) => otherwise,
    header: () => (token === undefined ? undefined : `Bearer ${token}`),
  });
}

function draftOf(call: Call, body: unknown): Draft {
  const given = (place: string): [string, unknown][] =>
    call.parameters
      .filter((parameter) => parameter.in === place)
      .map(({ name, schema }) => [name, exampleOf(schema, name)]);
  return {
    call,
    who: 'nobody',
    method: call.method,
    places: given('path'),
    query: new Fields(given('query')),
    headers: [
      ...given('header'),
      ...(call.body ? [['content-type', call.body.type] as [string, unknown]] : []),
    ],
    body,
    bytes: undefined,
    chunked: false,
  };
}

/** An example of each form that a body may have. */
function formsOf({ body }: Call): unknown[] {
  if (!body) return [undefined];
  if (!body.schema) return ['<Document/>'];
  return (body.schema.anyOf ?? [body.schema]).map((form) => exampleOf(form, ''));
}

/** A value that is right by its schema, always the same one, with all of its fields. */
function exampleOf(schema: Schema, name: string): unknown {
  if (schema.anyOf) return exampleOf(schema.anyOf[0] ?? {}, name);
  if (schema.type === 'object') {
    const fields = Object.entries(schema.properties ?? {});
    return new Fields(fields.map(([field, inner]) => [field, exampleOf(inner, field)]));
  }
  if (schema.type === 'array') return [exampleOf(schema.items ?? {}, '')];
  if (schema.examples) return schema.examples[0];
  const [value] = fc.sample(valueOf(schema, name), { seed: 7, numRuns: 1 });
  return value instanceof Known ? value.otherwise : value;
}
