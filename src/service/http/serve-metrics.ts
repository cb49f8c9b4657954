import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Refusal } from '../../core/contract/refusals.ts';

export type MetricsPlace = { readonly host: string; readonly port: number };
export type ServedMetrics = { readonly url: string; readonly stop: () => Promise<void> };

/** Scrapers are few and quick. In milliseconds. */
const PATIENCE_MS = 5_000;
const MOST_CONNECTIONS = 20;
/** The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). */
const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Answers `GET /metrics` on a listener of its own, away from the one that people reach (OWASP ASVS 5.0, V13.4.5).
 * Throws `usage_invalid` for an address that cannot be listened on.
 */
export async function serveMetrics(
  collect: () => Promise<string>,
  place: MetricsPlace,
): Promise<ServedMetrics> {
  const server = createServer(
    { headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS, connectionsCheckingInterval: PATIENCE_MS },
    (request, response) => {
      const isHere = request.url === '/metrics';
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (!isHere || !isRead) return void response.writeHead(isHere ? 405 : 404).end();
      collect().then(
        (text) => {
          response.writeHead(200, { 'content-type': TEXT_TYPE, 'x-content-type-options': 'nosniff' });
          response.end(request.method === 'HEAD' ? undefined : text);
        },
        () => response.writeHead(500).end(),
      );
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code = '' }: NodeJS.ErrnoException) => {
      const why = code === 'EADDRINUSE' ? 'something else listens there' : code;
      const reason = `Cannot listen for metrics on ${place.host} port ${place.port}: ${why}.`;
      reject(new Refusal('usage_invalid', { reason, next: 'okpay help serve' }));
    });
    server.listen(place, resolve);
  });
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/metrics`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
