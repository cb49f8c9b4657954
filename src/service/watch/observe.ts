import { hostname } from 'node:os';
import type { Service } from '../app.ts';
import type { Log } from '../deps.ts';
import { makeLog, type LogLevel } from '../http/log.ts';
import type { MetricsPlace, ServedMetrics } from '../http/serve-metrics.ts';
import { together, type Watch } from './watch.ts';

export type ObserveSettings = {
  readonly logLevel: LogLevel;
  /** Where metrics are answered; they are neither counted nor answered without. */
  readonly metrics?: MetricsPlace;
  readonly version: string;
  /** The OTEL_… variables say whether there are traces. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where lines of the log go; stderr unless given. */
  readonly write?: (line: string) => void;
};

export type Observed = {
  readonly log: Log;
  /** Missing when nobody watches: then nothing is between a call and its work. */
  readonly watch?: Watch;
  /** Answers scrapes about this service, when that is asked for. Throws `usage_invalid`. */
  readonly serveMetrics: (service: Service) => Promise<ServedMetrics | undefined>;
  /** Sends what is left. */
  readonly close: () => Promise<void>;
};

/** Sets up what a server tells about itself. What is not asked for is not loaded. */
export async function observe(settings: ObserveSettings): Promise<Observed> {
  const { logLevel: level, metrics: place, version, environment, write } = settings;
  const node = `${hostname()}:${process.pid}`;
  const log = await makeLog({ level, node, ...(write ? { write } : {}) });
  const metrics = place && (await import('./metrics.ts')).makeMetrics(version);
  const traces = wantsTraces(environment)
    ? (await import('./traces.ts')).makeTraces({ version, node, environment, log })
    : undefined;
  const [first, ...rest] = [metrics?.watch, traces?.watch].filter((watch) => watch !== undefined);
  return {
    log,
    ...(first ? { watch: together([first, ...rest]) } : {}),
    serveMetrics: async (service) => {
      if (!metrics || !place) return undefined;
      const { serveMetrics } = await import('../http/serve-metrics.ts');
      return serveMetrics(() => metrics.collect(service), place);
    },
    close: async () => {
      metrics?.close();
      await traces?.close();
    },
  };
}

/** Whether the environment asks for traces (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). */
function wantsTraces(environment: ObserveSettings['environment']): boolean {
  const endpoint =
    environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const isOff =
    environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' ||
    environment['OTEL_TRACES_EXPORTER'] === 'none';
  return Boolean(endpoint) && !isOff;
}
