import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { buffer } from 'node:stream/consumers';

/** A span as it arrived. */
export type Arrived = {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Record<string, unknown>;
  readonly links: readonly { traceId: string; spanId: string }[];
  readonly failed: boolean;
};

export type Collector = {
  readonly url: string;
  readonly spans: Arrived[];
  readonly resources: Record<string, unknown>[];
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** Everything that arrived, as text. */
  readonly text: () => string;
  readonly close: () => Promise<void>;
};

type Value = { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean };
type Attribute = { key: string; value: Value };
type WireSpan = {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: Attribute[];
  links?: { traceId: string; spanId: string }[];
  status?: { code?: number };
};
type Wire = {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: WireSpan[] }[] }[];
};

/** A collector of traces by OTLP over HTTP with JSON, on the loopback address. `answer` says what it answers. */
export async function openCollector(answer: () => number | 'nothing' = () => 200): Promise<Collector> {
  const spans: Arrived[] = [];
  const resources: Record<string, unknown>[] = [];
  const requests: Collector['requests'] = [];
  let text = '';
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers });
    void buffer(request).then((raw) => {
      const status = answer();
      if (status === 'nothing') return;
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      if (status !== 200) return;
      const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
      text += body;
      for (const { resource, scopeSpans } of (JSON.parse(body) as Wire).resourceSpans) {
        resources.push(plain(resource.attributes));
        for (const each of scopeSpans) spans.push(...each.spans.map(arrivedOf));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    resources,
    requests,
    text: () => text,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function arrivedOf(span: WireSpan): Arrived {
  return {
    name: span.name,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || undefined,
    kind: span.kind,
    startMs: Number(BigInt(span.startTimeUnixNano) / 1_000n) / 1_000,
    endMs: Number(BigInt(span.endTimeUnixNano) / 1_000n) / 1_000,
    attributes: plain(span.attributes ?? []),
    links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
    failed: span.status?.code === 2,
  };
}

function plain(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
