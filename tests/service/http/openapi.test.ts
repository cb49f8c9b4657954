import spectral from '@stoplight/spectral-core';
import owasp from '@stoplight/spectral-owasp-ruleset';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS, placesOf, type Operation } from '../../../src/core/contract/operations.ts';
import { REFUSALS } from '../../../src/core/contract/refusals.ts';
import { openHarness, type Harness } from '../../harness.ts';

type Document = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

let harness: Harness;
let api: Document;
beforeAll(async () => {
  harness = await openHarness();
  const { url } = await harness.serve({ publicUrl: 'https://pay.example.com' });
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
    expect(api['servers']).toMatchObject([{ url: 'https://pay.example.com', 'x-internal': false }]);
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
    const isStaff = operation.path.startsWith('/v1/admin/');
    const bySession = { [isStaff ? 'staff' : 'session']: [] };
    const byToken = operation.scope && [bySession, { [isStaff ? 'staffToken' : 'token']: [operation.scope] }];
    const expected = operation.role === 'anyone' ? [{}] : (byToken ?? (isStaff ? [bySession] : undefined));
    expect(found.security).toEqual(expected);
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

  it('has no hint at a password and no secret question, nor has the database (ASVS V6.4.2)', async () => {
    const hint = /hint|question|answer|remind|maiden|birth|\bpet\b|mnemonic/i;
    const fields = [...walk(api)].flatMap(([, { properties, parameters }]) => [
      ...Object.keys((properties as object | undefined) ?? {}),
      ...((parameters as { name: string }[] | undefined) ?? []).map(({ name }) => name),
    ]);
    const { engine } = harness.service.deps;
    const tables = await engine.all<{ sql: string }>(
      "SELECT sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL",
    );
    const columns = tables.flatMap(({ sql }) => sql.match(/\w+(?= (?:TEXT|INTEGER|BLOB))/g) ?? []);
    expect([...fields, ...columns].filter((name) => hint.test(name))).toEqual([]);
    // The positive control: what there is of passwords is found.
    expect(fields).toContain('password');
    expect(columns).toContain('password_hash');
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

/**
 * Rules of the set that are off, and why. Counted are attempts, bytes, rows and calls that wait, not requests in a time:
 * there is no figure that a RateLimit header could tell. What says no to too much (429, 503) carries Retry-After.
 */
const OFF = { 'owasp:api4:2023-rate-limit': 'off' } as const;

describe('the OWASP rules of Spectral', () => {
  const lint = async (document: Document) => {
    const linter = new spectral.Spectral();
    linter.setRuleset({ extends: [owasp as unknown as spectral.RulesetDefinition], rules: OFF });
    const findings = await linter.run(document);
    return findings.map(({ code, path, message }) => `${code} ${path.join('/')}: ${message}`);
  };

  it('find nothing, of any severity', async () => {
    expect(await lint(api)).toEqual([]);
  });

  it('positive control: find one bound that is missing, and a call that needs no session', async () => {
    const worse = structuredClone(api);
    delete worse['components'].schemas.Problem.properties.detail.maxLength;
    worse['paths']['/v1/quotes'].post.security = [];
    const found = (await lint(worse)).map((finding) => finding.split(' ')[0]);
    expect([...new Set(found)].sort()).toEqual([
      'owasp:api2:2023-write-restricted',
      'owasp:api4:2023-string-limit',
    ]);
  });
});
