import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { counter, gauge, type Metric } from './metric.ts';

/** How often the event loop is looked at, in milliseconds. */
const RESOLUTION_MS = 10;

export type ProcessMetrics = { readonly collect: () => Metric[]; readonly close: () => void };

/** What the process itself uses, under the names that Prometheus' dashboards for Node.js know. */
export function countProcess(): ProcessMetrics {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const figures = (): Record<string, readonly [help: string, value: number]> => {
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    return {
      process_resident_memory_bytes: ['Resident memory.', rss],
      process_start_time_seconds: [
        'When the process began, in Unix seconds.',
        performance.timeOrigin / 1_000,
      ],
      nodejs_heap_size_used_bytes: ['Heap in use.', heapUsed],
      nodejs_heap_size_total_bytes: ['Heap.', heapTotal],
      nodejs_external_memory_bytes: ['Memory outside the heap.', external],
      nodejs_eventloop_lag_mean_seconds: [
        'Mean delay of the event loop since the last scrape.',
        seconds(delay.mean),
      ],
      nodejs_eventloop_lag_p99_seconds: ['99th percentile of it.', seconds(delay.percentile(99))],
      nodejs_eventloop_lag_max_seconds: ['The longest of it.', seconds(delay.max)],
      ...openFiles(),
    };
  };
  return {
    collect: () => {
      const { user, system } = process.cpuUsage();
      const cpu = counter({ name: 'process_cpu_seconds_total', help: 'Processor time, user and system.' });
      cpu.add([], (user + system) / 1e6);
      const all = Object.entries(figures()).map(([name, [help, value]]) => {
        const metric = gauge({ name, help });
        metric.set([], value);
        return metric;
      });
      delay.reset();
      return [cpu, ...all];
    },
    close: () => delay.disable(),
  };
}

/** From nanoseconds, which have the time between two looks in them; without a look yet there is no figure. */
function seconds(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1_000) : 0;
}

function openFiles(): Record<string, readonly [string, number]> {
  try {
    return { process_open_fds: ['Open files and connections.', readdirSync('/proc/self/fd').length] };
  } catch {
    return {}; // Only Linux says it so.
  }
}
