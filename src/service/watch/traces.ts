import { AsyncLocalStorage } from 'node:async_hooks';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
  type SpanOptions,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Log } from '../deps.ts';
import type { Watch } from './watch.ts';

export type TraceSettings = {
  readonly version: string;
  /** Names this process among others. */
  readonly node: string;
  /** The OTEL_… variables; where spans go is read from the process's own environment by OpenTelemetry itself. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
};

export type Traces = {
  readonly watch: Watch;
  /** Sends what is left, for a few seconds at most. */
  readonly close: () => Promise<void>;
};

/** How long one sending may take, and how long the end waits for the last one, in milliseconds. */
const SEND_MS = 10_000;
const CLOSE_MS = 3_000;

/**
 * Traces requests: request, use-case, intent, and the batch in which intents share a commit, which is a trace of its own
 * with links, as it has many parents. Attributes say which operation and how it ended, never who, where from or how
 * much. A trace that a caller brings is linked, not continued: else callers would decide what is kept.
 */
export function makeTraces({ version, node, environment, log }: TraceSettings): Traces {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'okpay',
      'service.version': version,
      'service.instance.id': node,
    }).merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(environment),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: tellingExporter(log), exportTimeoutMillis: SEND_MS }),
    ],
  });
  const tracer = provider.getTracer('okpay', version);
  const current = new AsyncLocalStorage<Span>();
  const posts = new Map<string, Span>();

  const begin = (name: string, options: SpanOptions, parent: Span | undefined): Span =>
    tracer.startSpan(name, options, parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT);
  const around = async <T>(span: Span, work: () => Promise<T>): Promise<T> => {
    try {
      return await current.run(span, work);
    } catch (error) {
      const code = error instanceof Refusal ? error.code : 'unexpected';
      span.setAttribute('okpay.code', code);
      if (code === 'unexpected' || code === 'outcome_unknown') span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  };

  return {
    watch: {
      request: ({ operation, method, route, id, traceparent }, work, end) => {
        const caller = contextOf(traceparent);
        const attributes = {
          'http.request.method': method,
          'http.route': route,
          'okpay.operation': operation,
          'okpay.request': id,
        };
        const links = caller ? [{ context: caller }] : [];
        const span = begin(`${method} ${route}`, { kind: SpanKind.SERVER, attributes, links }, undefined);
        return around(span, async () => {
          const response = await work();
          const { status, code } = end(response);
          span.setAttributes({ 'http.response.status_code': status, 'okpay.code': code });
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          return response;
        });
      },
      useCase: (operation, work) => around(begin(`use-case ${operation}`, {}, current.getStore()), work),
      post: (key, work) => {
        const span = begin('ledger post', {}, current.getStore());
        posts.set(key, span);
        return around(span, async () => {
          try {
            return await work();
          } finally {
            posts.delete(key);
          }
        });
      },
      batch: ({ keys, size, refused, askedAt, begunAt, decidedAt, endedAt, outcome }) => {
        const members = keys.flatMap((key) => posts.get(key) ?? []).filter((span) => span.isRecording());
        if (members.length === 0) return;
        const attributes = {
          'okpay.batch.size': size,
          'okpay.batch.refused': refused,
          'okpay.code': outcome,
        };
        const links = members.map((span) => ({ context: span.spanContext() }));
        const batch = begin('ledger batch', { attributes, links, startTime: askedAt, root: true }, undefined);
        if (outcome !== 'done') batch.setStatus({ code: SpanStatusCode.ERROR });
        begin('ledger decide', { startTime: begunAt }, batch).end(decidedAt);
        begin('ledger commit', { startTime: decidedAt }, batch).end(endedAt);
        batch.end(endedAt);
        for (const span of members) {
          span.addLink({ context: batch.spanContext() });
          span.setAttribute('okpay.batch.size', size);
        }
      },
    },
    close: async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS)));
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

/** Sends spans by OTLP over HTTP as JSON, and says in the log when they do not arrive: by code, as URLs may hold keys. */
function tellingExporter(log: Log): OTLPTraceExporter {
  const exporter = new OTLPTraceExporter({ timeoutMillis: SEND_MS });
  const send = exporter.export.bind(exporter);
  exporter.export = (spans, done) =>
    send(spans, (result) => {
      const { code = 'unknown' } = (result.error ?? {}) as { code?: string | number };
      if (result.error) log.error('traces_failed', { code: String(code) });
      done(result);
    });
  return exporter;
}

/** `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`; everything is traced unless they say so. */
function samplerOf(environment: TraceSettings['environment']): Sampler {
  const name = environment['OTEL_TRACES_SAMPLER'] ?? 'parentbased_always_on';
  const ratio = Number(environment['OTEL_TRACES_SAMPLER_ARG'] ?? '1');
  const own: Sampler = name.endsWith('always_off')
    ? new AlwaysOffSampler()
    : name.endsWith('traceidratio')
      ? new TraceIdRatioBasedSampler(Number.isFinite(ratio) ? ratio : 1)
      : new AlwaysOnSampler();
  return new ParentBasedSampler({ root: own });
}

/** A W3C traceparent (https://www.w3.org/TR/trace-context/#traceparent-header), when it is one. */
function contextOf(traceparent: string | undefined) {
  const [, traceId, spanId, flags] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId))
    return undefined;
  return { traceId, spanId, traceFlags: parseInt(flags ?? '0', 16) & 1, isRemote: true };
}
