import * as z from 'zod/mini';
import { OPERATIONS, placesOf, type Operation } from '../../core/contract/operations.ts';
import { REFUSALS } from '../../core/contract/refusals.ts';
import { LIMITS, schemas } from '../../core/contract/schemas.ts';

type Schema = z.core.JSONSchema.JSONSchema;
type Json = Record<string, unknown>;

const PROBLEM = 'application/problem+json';

/** The API in OpenAPI 3.1, made from the operations table. Operations for the console only have no place in it. */
export function openApi(publicUrl: string): Json {
  const paths: Record<string, Json> = {};
  const operations = Object.entries<Operation>(OPERATIONS).filter(([, { role }]) => role !== 'console');
  for (const [name, operation] of operations) {
    (paths[operation.path] ??= {})[operation.method.toLowerCase()] = describe(name, operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'OKpay',
      version: 'v1',
      description:
        'A self-hosted wallet. Money is a decimal string with its currency, never a number. Every call that moves money carries an Idempotency-Key: asking again with the same key never pays twice.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [serverAt(publicUrl)],
    security: [{ session: [] }],
    tags: [...new Set(operations.map(([, operation]) => tagOf(operation)))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        session: { type: 'http', scheme: 'bearer', description: 'The token that starting a session gives.' },
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A token for programs, with the scope that is named beside it; `any`: with whatever scopes.',
        },
        staff: {
          type: 'http',
          scheme: 'bearer',
          description: 'The same of a member of staff, whose session began with a second factor.',
        },
        staffToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token for programs with the scope `staff`, of a member of staff.',
        },
      },
      schemas: { Problem: schemaOf(schemas.problem(), 'output') },
      headers: { 'Access-Control-Allow-Origin': noOrigin(), 'Retry-After': retryAfter() },
      responses: problemResponses(),
    },
  };
}

function describe(name: string, operation: Operation): Json {
  const input = schemaOf(operation.input, 'input');
  const properties = (input.properties ?? {}) as Record<string, Schema>;
  const places = placesOf(operation);
  const isQuery = operation.method !== 'POST' || operation.stream === 'in';
  const fields = Object.keys(properties).filter((field) => !places.includes(field));
  const parameters = [
    ...places.map((place) => ({ name: place, in: 'path', required: true, schema: properties[place] })),
    ...(isQuery
      ? fields.map((field) => ({
          name: field,
          in: 'query',
          required: (input.required ?? []).includes(field),
          schema: properties[field],
        }))
      : []),
    ...(operation.money === 'header' ? [keyParameter()] : []),
  ];
  return {
    operationId: name,
    summary: operation.summary,
    description: `Who may call: ${operation.role === 'anyone' ? 'anyone' : `${operation.role}, or a higher rank`}.`,
    tags: [tagOf(operation)],
    ...securityOf(operation),
    parameters,
    ...(isQuery
      ? {}
      : { requestBody: jsonBody(operation, places.length === 0 ? input : without(input, places)) }),
    ...(operation.stream === 'in' ? { requestBody: streamedBody(operation.media ?? 'application/xml') } : {}),
    responses: {
      '200': done(operation),
      ...Object.fromEntries(statuses().map((s) => [s, { $ref: refOf(s) }])),
    },
  };
}

function jsonBody({ bodyBytes = LIMITS.bodyBytes }: Operation, schema: Schema): Json {
  return {
    required: true,
    description: `At most ${bodyBytes} bytes.`,
    content: { 'application/json': { schema } },
  };
}

/** A schema without the fields that are in the path. */
function without(input: Schema, places: readonly string[]): Schema {
  const isHere = (field: string) => !places.includes(field);
  const properties = Object.fromEntries(
    Object.entries(input.properties ?? {}).filter(([field]) => isHere(field)),
  );
  const required = (input.required ?? []).filter(isHere);
  const schema: Schema = { ...input, properties, required };
  if (required.length === 0) delete schema.required;
  return schema;
}

function streamedBody(media: string): Json {
  return {
    required: true,
    description: `At most ${LIMITS.statementBytes} bytes, read as they arrive.`,
    content: { [media]: {} },
  };
}

function done(operation: Operation): Json {
  const content =
    operation.stream === 'out'
      ? { 'text/plain': {} }
      : { 'application/json': { schema: schemaOf(operation.output, 'output') } };
  return { description: 'Done.', headers: headers('Access-Control-Allow-Origin'), content };
}

function keyParameter(): Json {
  return {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description: 'Visible ASCII characters of your choice, never used for anything else. Kept for ever.',
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: LIMITS.idempotencyKeyLength,
      pattern: '^[\\x21-\\x7e]+$',
    },
  };
}

function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output'): Schema {
  const found: Schema = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema, path }) => {
      // What is in a list of answers is the same problem as the answer that is one.
      if (zodSchema === schemas.problem() && path.length > 0)
        become(jsonSchema, { $ref: '#/components/schemas/Problem' });
      if (jsonSchema.type === 'integer') jsonSchema.format = 'int64';
    },
  });
  delete found.$schema;
  return found;
}

function become(schema: Schema, other: Schema): void {
  for (const name of Object.keys(schema)) delete schema[name];
  Object.assign(schema, other);
}

/** `/v1/admin/deposits/imports` is under `admin`, `/v1/quotes/{quote}` under `quotes`. */
function tagOf({ path }: Operation): string {
  return path.split('/')[2] ?? '';
}

/** The statuses a refusal can have that is the service's own, not the command line's. */
function statuses(): string[] {
  return [...new Set(Object.values(REFUSALS).map(({ status }) => String(status)))].sort();
}

function refOf(status: string): string {
  return `#/components/responses/Problem${status}`;
}

function problemResponses(): Json {
  return Object.fromEntries(
    statuses().map((status) => {
      const codes = Object.entries(REFUSALS).filter(([, row]) => String(row.status) === status);
      return [
        `Problem${status}`,
        {
          description: `Refused: ${codes.map(([code, { title }]) => `${code} (${title})`).join(', ')}.`,
          headers: headers(
            'Access-Control-Allow-Origin',
            ...(['429', '503'].includes(status) ? ['Retry-After'] : []),
          ),
          content: { [PROBLEM]: { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      ];
    }),
  );
}

/** Who may reach it and what for: on this machine only, or wherever its operator lets people in. */
function serverAt(url: string): Json {
  return url.startsWith('https:')
    ? { url, description: 'The service in production.', 'x-internal': false }
    : { url, description: 'A local service, for this machine only.', 'x-internal': true };
}

function headers(...names: string[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** A header that no value is right for. */
function noOrigin(): Json {
  return { description: 'Never sent: no page of another origin may read an answer.', schema: false };
}

function retryAfter(): Json {
  return {
    description: 'Seconds to wait before asking again.',
    schema: { type: 'integer', format: 'int32', minimum: 0, maximum: 86_400 },
  };
}

/**
 * What opens an operation, where it is not just a session. Since OpenAPI 3.1 the roles that are needed may be named with
 * every kind of scheme.
 */
function securityOf({ role, scope, path }: Operation): object {
  if (role === 'anyone') return { security: [{}] };
  const [bySession, byToken] = path.startsWith('/v1/admin/') ? ['staff', 'staffToken'] : ['session', 'token'];
  if (scope) return { security: [{ [bySession]: [] }, { [byToken]: [scope] }] };
  return bySession === 'staff' ? { security: [{ staff: [] }] } : {};
}
