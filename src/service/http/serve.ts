import { createServer, STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Service } from '../app.ts';
import { makeAnswers } from './answers.ts';
import { buildApp, isOverTls } from './app.ts';
import { LINGER_BYTES, lingerOver } from './linger.ts';

export type ServeSettings = {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The origin that people and their browsers know the service by. */
  readonly publicUrl: string;
  /** Whether a proxy that ends TLS stands in front, and its word about clients is to be believed. */
  readonly behindProxy: boolean;
  /** How long a client may take over its headers and over a small body, in milliseconds; ten seconds unless given. */
  readonly patienceMs?: number;
};

export type Served = {
  /** Where the server listens. */
  readonly url: string;
  /** Takes no more connections, finishes what runs, for ten seconds at most, and ends. */
  readonly stop: () => Promise<void>;
};

/** Limits of the connection, in milliseconds and bytes. A whole upload may take long. */
const PATIENCE_MS = 10_000;
const REQUEST_TIMEOUT_MS = 1_800_000;
const KEEP_ALIVE_MS = 60_000;
const HEADER_BYTES = 16_384;
const MOST_CONNECTIONS = 10_000;
/** How long calls that run may take to finish when the server stops. */
const STOP_MS = 10_000;
const POLL_MS = 10;

/**
 * Serves a service over HTTP. TLS is the proxy's: on an address that other machines reach, one must stand in front.
 * Throws `usage_invalid` for an address that cannot be listened on, or that would be open without TLS.
 */
export async function serve(service: Service, settings: ServeSettings): Promise<Served> {
  if (!settings.behindProxy && !isLoopback(settings.host)) {
    throw new Refusal('usage_invalid', {
      reason: `On “${settings.host}” other machines would reach the service without TLS. Put a proxy that ends TLS in front, and say so.`,
      next: 'okpay serve --behind-proxy',
    });
  }
  const { patienceMs = PATIENCE_MS } = settings;
  let stopping = false;
  let running = 0;
  const isStopping = () => stopping || service.deps.engine.fuse.isBlown();
  /** The newest answer on each connection. */
  const newest = new WeakMap<Duplex, ServerResponse>();
  const app = buildApp(service, { ...settings, patienceMs, isStopping });
  const answers = makeAnswers(isOverTls(settings));
  const listener = getRequestListener(app.fetch, {
    // It would cut a connection half a second after the answer, while the client may be at its next call there.
    autoCleanupIncoming: false,
    // A request that cannot even be read as one, a broken host or address, is the last of its connection.
    errorHandler: () => {
      const reason = 'has no valid address';
      const answer = answers.problem(new Refusal('input_invalid', { field: 'request', reason }));
      answer.headers.set('connection', 'close');
      return answer;
    },
  });
  const server = createServer(
    {
      headersTimeout: patienceMs,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: patienceMs / 5,
      maxHeaderSize: HEADER_BYTES,
      // The listener sees to it, and answers as everywhere else.
      requireHostHeader: false,
      // Of two hosts Node would take the first and say nothing; joined they are none (RFC 9112, 3.2).
      joinDuplicateHeaders: true,
    },
    (incoming, outgoing) => {
      running += 1;
      newest.set(incoming.socket, outgoing);
      outgoing.once('close', () => (running -= 1));
      lingerOver(incoming, outgoing, { bytes: LINGER_BYTES, ms: patienceMs });
      void listener(incoming, outgoing);
    },
  );
  server.on('clientError', (error, socket) => {
    const before = newest.get(socket);
    // In the middle of another answer there is no room for this one.
    const isAnswering = before?.headersSent === true && !before.writableFinished;
    if (!socket.writable || isAnswering) return void socket.destroy();
    void writeAnswer(answers.problem(refusalOf(error))).then((text) =>
      socket.end(text, () => socket.destroy()),
    );
  });
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, settings);
  const url = urlOf(server.address() as AddressInfo);
  service.announce({ what: 'okpay serve', url });
  service.deps.log.info('listening', { url });
  let stopped: Promise<void> | undefined;
  return {
    url,
    stop: () => {
      stopping = true;
      return (stopped ??= stop(server, () => running));
    },
  };
}

/** Why a request could not be read (RFC 9112, RFC 6585, 5). */
function refusalOf({ code }: NodeJS.ErrnoException): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') return new Refusal('head_too_large', { limit: String(HEADER_BYTES) });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refusal('request_late');
  return new Refusal('input_invalid', { field: 'request', reason: 'is not written as HTTP is' });
}

/** An answer to what never became a request, as text; the connection ends with it. */
async function writeAnswer(answer: Response): Promise<string> {
  const body = await answer.text();
  const headers = new Headers(answer.headers);
  headers.set('connection', 'close');
  headers.set('content-length', String(Buffer.byteLength(body)));
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`, ...lines, '', body].join('\r\n');
}

/** Open connections get an answer, `service_stopping`, as long as calls still run; only then they are closed. */
async function stop(server: Server, running: () => number): Promise<void> {
  // Server.close of node:http would cut idle connections at once, under the feet of the next request on them.
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  for (const deadline = Date.now() + STOP_MS; running() > 0 && Date.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  if (running() === 0) server.closeIdleConnections();
  else server.closeAllConnections();
  const rest = setTimeout(() => server.closeAllConnections(), POLL_MS * 10);
  await closed;
  clearTimeout(rest);
  // Ends the timer with which node:http watches for slow clients.
  server.close(() => undefined);
}

function listen(server: Server, { host, port }: ServeSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'something else listens there' : (error.code ?? error.message);
      const reason = `Cannot listen on ${host} port ${port}: ${why}.`;
      reject(new Refusal('usage_invalid', { reason, next: 'okpay serve --port 0' }));
    });
    server.listen({ host, port }, resolve);
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
