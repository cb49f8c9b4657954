import { isIP } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { placesOf, type Operation, type OperationName } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { LIMITS } from '../../core/contract/schemas.ts';
import type { Call } from '../../core/transport/transport.ts';
import { fieldRefusal } from '../read-input.ts';
import { checkMediaType, limitBody, readBody, refuseBody } from './body.ts';
import { readJsonObject } from './json.ts';

/** Without a server around it, as in a test, a request has no connection. */
export type ServerContext = Context<{ Bindings: Partial<HttpBindings> }>;

/**
 * The call a request makes: input from the path, and from the query (reading and deleting) or a JSON body (all else).
 * `patienceMs` is how long a body may take. Throws the refusals of requests that are not written right.
 */
export async function readCall(
  name: OperationName,
  operation: Operation,
  c: ServerContext,
  patienceMs: number,
): Promise<Call> {
  const request = c.req.raw;
  const token = readToken(request);
  const key = request.headers.get('idempotency-key') ?? undefined;
  const call = {
    operation: name,
    ...(token === undefined ? {} : { token }),
    ...(key === undefined ? {} : { key }),
  };
  const path = Object.fromEntries(placesOf(operation).map((place) => [place, c.req.param(place)]));
  const query = readQuery(c);
  if (operation.stream === 'in') {
    checkMediaType(request, operation.media ?? 'application/xml');
    return {
      ...call,
      input: join(path, query),
      body: limitBody(request, { bytes: LIMITS.statementBytes, patienceMs }),
    };
  }
  if (operation.method === 'POST') {
    for (const field of Object.keys(query)) {
      throw fieldRefusal(field, 'belongs into the body, not into the query');
    }
    checkMediaType(request, 'application/json');
    const body = await readBody(request, { bytes: operation.bodyBytes ?? LIMITS.bodyBytes, patienceMs });
    return { ...call, input: join(path, readJsonObject(body)) };
  }
  refuseBody(request);
  return { ...call, input: join(path, query) };
}

/**
 * The client's address: of the connection, or behind a proxy the one the proxy itself added last to X-Forwarded-For;
 * what stands before it the client may have made up (OWASP ASVS 5.0, V4.1.3).
 */
export function addressOf(c: ServerContext, behindProxy: boolean): string | undefined {
  const forwarded = behindProxy ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
  const address = forwarded && isIP(forwarded) ? forwarded : c.env?.incoming?.socket.remoteAddress;
  return address?.replace(/^::ffff:(?=\d+\.)/, '');
}

/** RFC 6750: the token comes in the Authorization header and nowhere else. */
function readToken(request: Request): string | undefined {
  const header = request.headers.get('authorization');
  if (header === null) return undefined;
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(header)?.[1];
  if (token === undefined) throw new Refusal('session_required');
  return token;
}

/** Each name once: which of two values counts is not for a proxy in between to decide. */
function readQuery(c: ServerContext): Record<string, string> {
  const found = new Map<string, string>();
  if (!c.req.url.includes('?')) return {};
  for (const [field, value] of new URL(c.req.url).searchParams) {
    if (found.has(field)) throw fieldRefusal(field, 'is given twice');
    found.set(field, value);
  }
  return Object.fromEntries(found);
}

function join(path: Record<string, unknown>, rest: Record<string, unknown>): Record<string, unknown> {
  for (const field of Object.keys(path)) {
    if (Object.hasOwn(rest, field)) {
      throw new Refusal('input_invalid', { field, reason: 'is given in the address already' });
    }
  }
  return { ...path, ...rest };
}
