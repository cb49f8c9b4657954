import { Readable } from 'node:stream';
import { Client } from 'undici';
import { OPERATIONS, placesOf, type Operation } from '../contract/operations.ts';
import { Refusal } from '../contract/refusals.ts';
import type { Answer, Call, Transport } from './transport.ts';

/** How long a call may take before its outcome counts as unknown, in milliseconds. */
const CALL_TIMEOUT_MS = 30_000;
/** The same for a file that is acted on once all of it has been proved: a bank statement may have a million entries. */
const STREAM_TIMEOUT_MS = 15 * 60_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Tries of a call that changes nothing, or that carries a key and so never happens twice. */
const TRIES = 3;
/** Errors that say no connection was ever made, so that nothing can have been done. */
const NEVER_CONNECTED = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** Calls a service over HTTP. `baseUrl` is `http(s)://host[:port]`. */
export function networkTransport(baseUrl: string): Transport {
  const client = new Client(new URL(baseUrl).origin, {
    // One call gains nothing from HTTP/2, and undici's part of it takes long to load.
    allowH2: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    headersTimeout: CALL_TIMEOUT_MS,
    bodyTimeout: CALL_TIMEOUT_MS,
  });
  return {
    place: baseUrl,
    // Not close(): that waits for calls that nobody waits for any more.
    close: () => client.destroy(),
    call: async (call) => {
      const operation: Operation = OPERATIONS[call.operation];
      const isKeyed = call.key !== undefined || operation.money === 'rows';
      // What only reads has no outcome to know of.
      const changes = operation.method !== 'GET' && operation.stream !== 'out';
      const repeatable = call.body === undefined && (operation.method === 'GET' || isKeyed);
      let mayHaveArrived = false;
      for (let attempt = 1; ; attempt++) {
        try {
          return await send(client, operation, call);
        } catch (error) {
          if (error instanceof Refusal) {
            // What an earlier try did is not undone by a later one that was turned away.
            const unknown = mayHaveArrived && changes && isTurnedAway(error);
            throw unknown ? new Refusal('outcome_unknown', { reason: error.code }) : error;
          }
          const code = (error as { code?: string }).code ?? '';
          mayHaveArrived ||= !NEVER_CONNECTED.includes(code);
          if (repeatable && attempt < TRIES) {
            await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
          } else if (mayHaveArrived && changes) {
            throw new Refusal('outcome_unknown', { reason: code });
          } else {
            const reason = `No okpay service answers at ${baseUrl} (${code || 'no answer'}).`;
            throw new Refusal('service_unreachable', { reason });
          }
        }
      }
    },
  };
}

/** Whether a refusal is about the caller or the state of the service, so that it says nothing about the call itself. */
function isTurnedAway({ code, exitCode }: Refusal): boolean {
  return code === 'too_many_attempts' || [1, 4, 8, 11].includes(exitCode);
}

async function send(client: Client, operation: Operation, call: Call): Promise<Answer> {
  const { path, rest } = fillPath(operation, (call.input ?? {}) as Record<string, unknown>);
  const query = operation.method === 'POST' && operation.stream !== 'in' ? '' : queryOf(rest);
  const json = operation.method === 'POST' && call.body === undefined;
  const response = await client.request({
    method: operation.method,
    path: path + query,
    headers: {
      accept: 'application/json, text/plain',
      ...(json ? { 'content-type': 'application/json' } : {}),
      ...(call.body ? { 'content-type': operation.media ?? 'application/xml' } : {}),
      ...(call.token ? { authorization: `Bearer ${call.token}` } : {}),
      ...(call.key ? { 'idempotency-key': call.key } : {}),
    },
    ...(json ? { body: JSON.stringify(rest) } : {}),
    ...(call.body ? { body: Readable.from(call.body), headersTimeout: STREAM_TIMEOUT_MS } : {}),
  });
  if (response.statusCode >= 300 && response.statusCode < 400) {
    await response.body.dump();
    throw new Refusal('service_unreachable', {
      reason: `That address only points to another one: ${String(response.headers['location'] ?? 'it does not say which')}.`,
    });
  }
  if (response.statusCode >= 400) throw refusalOf(response.statusCode, await response.body.text());
  if (operation.stream === 'out') return { text: textOf(response.body) };
  const text = await response.body.text();
  return { output: text === '' ? {} : (JSON.parse(text) as unknown) };
}

function fillPath(
  operation: Operation,
  input: Record<string, unknown>,
): { path: string; rest: Record<string, unknown> } {
  const rest = { ...input };
  let path: string = operation.path;
  for (const place of placesOf(operation)) {
    path = path.replace(`{${place}}`, encodeURIComponent(`${rest[place] as string}`));
    delete rest[place];
  }
  return { path, rest };
}

function queryOf(input: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input))
    if (value !== undefined) query.set(name, `${value as string | number | boolean}`);
  return query.size === 0 ? '' : `?${query.toString()}`;
}

async function* textOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of body) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

function refusalOf(status: number, text: string): Refusal {
  const refusal = Refusal.fromProblem(parsed(text));
  if (refusal) return refusal;
  // Something between here and the service speaks for it, and does not know whether the call was done.
  if (status >= 500) throw Object.assign(new Error('not an answer of okpay'), { code: `HTTP ${status}` });
  return new Refusal('unexpected', { status: String(status) });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
