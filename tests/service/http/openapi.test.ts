import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS, placesOf, type Operation } from '../../../src/core/contract/operations.ts';
import { REFUSALS } from '../../../src/core/contract/refusals.ts';
import { openHarness, type Harness } from '../../harness.ts';

type Document = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

let harness: Harness;
let api: Document;
beforeAll(async () => {
  harness = await openHarness();
  const { url } = await harness.serve();
  api = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
});
afterAll(() => harness.close());

const operations = Object.entries<Operation>(OPERATIONS).filter(([, { role }]) => role !== 'console');

/** Every object in the document, with where it is. */
function* walk(value: unknown, path = '#'): Generator<[string, Document]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [path, value];
  for (const [key, inner] of Object.entries(value))
    yield* walk(inner, `${path}/${key.replaceAll('/', '~1')}`);
}

describe('the OpenAPI document', () => {
  it('says what it is', () => {
    expect(api['openapi']).toBe('3.1.0');
    expect(api['info']).toMatchObject({
      title: 'OKpay',
      version: expect.any(String),
      description: expect.any(String),
    });
    expect(api['servers']).toEqual([{ url: 'http://127.0.0.1:7227' }]);
    const known = ['openapi', 'info', 'servers', 'security', 'tags', 'paths', 'components'];
    expect(Object.keys(api).filter((key) => !known.includes(key))).toEqual([]);
  });

  it('has every operation of the table that can be reached, and no other', () => {
    const found = Object.values<Document>(api['paths']).flatMap((methods) =>
      Object.values<Document>(methods),
    );
    expect(found.map(({ operationId }) => operationId as string).sort()).toEqual(
      operations.map(([name]) => name).sort(),
    );
  });

  it.each(operations)('describes %s', (name, operation) => {
    const found = api['paths'][operation.path][operation.method.toLowerCase()];
    expect(found).toMatchObject({
      operationId: name,
      summary: operation.summary,
      tags: [expect.any(String)],
    });
    const parameters = found.parameters as Document[];
    const inPath = parameters.filter((parameter) => parameter['in'] === 'path');
    expect(inPath.map((parameter) => [parameter['name'], parameter['required']])).toEqual(
      placesOf(operation).map((place) => [place, true]),
    );
    for (const parameter of parameters) expect(parameter['schema']).toEqual(expect.any(Object));
    expect(parameters.some((parameter) => parameter['name'] === 'Idempotency-Key')).toBe(
      operation.money === 'header',
    );
    expect('requestBody' in found).toBe(operation.method === 'POST');
    const byToken = operation.scope && [{ session: [] }, { token: [operation.scope] }];
    expect(found.security).toEqual(operation.role === 'anyone' ? [] : byToken);
    const statuses = Object.keys(found.responses as Document);
    for (const status of [
      '200',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '415',
      '422',
      '429',
      '500',
      '503',
    ]) {
      expect(statuses).toContain(status);
    }
    const media = operation.stream === 'out' ? 'text/plain' : 'application/json';
    expect(Object.keys(found.responses['200'].content as Document)).toEqual([media]);
  });

  it('refers only to what is there', () => {
    const refs = [...walk(api)].flatMap(([, value]) =>
      typeof value['$ref'] === 'string' ? [value['$ref']] : [],
    );
    expect(refs.length).toBeGreaterThan(100);
    for (const ref of new Set(refs)) {
      const target = ref
        .slice(2)
        .split('/')
        .reduce((at: Document | undefined, key: string) => at?.[key], api);
      expect(target, ref).toBeDefined();
    }
  });

  it('lets no request body have fields nobody knows, and bounds every text in one', () => {
    const schemas = Object.entries<Document>(api['paths']).flatMap(([path, methods]) =>
      Object.values<Document>(methods).flatMap(({ requestBody }) => [
        ...walk(requestBody?.content['application/json']?.schema, path),
      ]),
    );
    const objects = schemas.filter(([, schema]) => schema['type'] === 'object');
    expect(objects.length).toBeGreaterThan(8);
    for (const [where, schema] of objects)
      expect([where, schema['additionalProperties']]).toEqual([where, false]);
    for (const [where, schema] of schemas) {
      if (schema['type'] !== 'string') continue;
      const isBounded = 'maxLength' in schema || 'enum' in schema || 'format' in schema;
      expect([where, isBounded]).toEqual([where, true]);
    }
  });

  it('uses only types of JSON Schema 2020-12', () => {
    const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null', 'http'];
    for (const [where, value] of walk(api)) {
      if (where.endsWith('/properties') || !('type' in value)) continue;
      if (typeof value['type'] === 'string')
        expect([where, types]).toEqual([where, expect.arrayContaining([value['type']])]);
    }
  });

  it('names every refusal by its code', () => {
    const { properties } = api['components'].schemas.Problem;
    expect(properties.code.enum).toEqual(Object.keys(REFUSALS));
    for (const [code, { status }] of Object.entries(REFUSALS)) {
      expect(api['components'].responses[`Problem${status}`].description).toContain(code);
    }
  });
});
