import type { Service } from '../app.ts';
import { countProcess } from './process-metrics.ts';
import { counter, gauge, histogram, type Metric } from './metric.ts';
import { compareQuotes } from './quote-difference.ts';
import { readBacklog } from '../store/contents.ts';
import { timestamp } from '../deps.ts';
import type { Watch } from './watch.ts';

/** Bounds in seconds, from what a commit takes to what a client waits for. */
const REQUEST_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const COMMIT_BOUNDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];
const SIZE_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000];
/** Scrapes that come closer together than this get the same text, in milliseconds. */
const FRESH_MS = 1_000;

export type Metrics = {
  readonly watch: Watch;
  /** The text of a scrape, with what is read from this service. */
  readonly collect: (service: Service) => Promise<string>;
  /** Lets go of what measures the event loop. */
  readonly close: () => void;
};

/** Counts what a server does, for Prometheus. Nothing here is about a person, and no label comes from a caller. */
export function makeMetrics(version: string): Metrics {
  const requests = histogram(
    {
      name: 'okpay_request_seconds',
      help: 'Time from the head of a request to its answer, by operation and outcome: done, or the code of the refusal.',
      labels: ['operation', 'code'],
    },
    REQUEST_BOUNDS,
  );
  const running = gauge({ name: 'okpay_requests_running', help: 'Requests under way.' });
  const batches = counter({
    name: 'okpay_batches_total',
    help: 'Batches of intents by outcome; unknown when the commit was not answered.',
    labels: ['outcome'],
  });
  const sizes = histogram(
    { name: 'okpay_batch_intents', help: 'Intents that shared a commit.' },
    SIZE_BOUNDS,
  );
  const waits = histogram(
    { name: 'okpay_batch_wait_seconds', help: 'Time a batch waited for its turn to write.' },
    COMMIT_BOUNDS,
  );
  const decisions = histogram(
    {
      name: 'okpay_batch_decide_seconds',
      help: 'Time to lock, read, decide and hand over the rows of a batch.',
    },
    COMMIT_BOUNDS,
  );
  const commits = histogram(
    {
      name: 'okpay_commit_seconds',
      help: 'Time from handing over the rows of a batch until it was durable.',
    },
    COMMIT_BOUNDS,
  );
  const intents = counter({
    name: 'okpay_intents_total',
    help: 'Intents that were decided: done, or refused by a rule.',
    labels: ['outcome'],
  });
  const transfers = counter({
    name: 'okpay_transfers_total',
    help: 'Transfers that were booked by this node, by kind.',
    labels: ['kind'],
  });
  const waiting = gauge({ name: 'okpay_poster_waiting', help: 'Intents that wait or are being written.' });
  const outbox = gauge({
    name: 'okpay_outbox_waiting',
    help: 'Mails and notices that are due and not out; 100000 stands for more.',
  });
  const oldest = gauge({ name: 'okpay_outbox_oldest_seconds', help: 'Age of the oldest of them.' });
  const difference = gauge({
    name: 'okpay_quoted_minus_executed_minor',
    help: 'Sum of what booked transfers differ from their quotes, in minor units without sign, over paid, fee and received; it must be 0.',
    labels: ['currency'],
  });
  const compared = gauge({
    name: 'okpay_quotes_compared',
    help: 'Transfers that were compared with their quotes so far.',
  });
  const up = gauge({ name: 'okpay_database_up', help: 'Whether the database answered this scrape: 1 or 0.' });
  const gauges = new Map<string, ReturnType<typeof gauge>>();
  const info = gauge({ name: 'okpay_info', help: 'Which okpay this is.', labels: ['version', 'engine'] });
  const own = countProcess();
  const all: Metric[] = [requests, running, batches, sizes, waits, decisions, commits, intents, transfers];
  for (const outcome of ['done', 'failed', 'unknown']) batches.add([outcome], 0);
  for (const outcome of ['done', 'refused']) intents.add([outcome], 0);
  let underWay = 0;
  let last: { at: number; text: Promise<string> } | undefined;
  const quotes = compareQuotes();

  const watch: Watch = {
    request: async ({ operation }, work, end) => {
      const startedAt = performance.now();
      running.set([], (underWay += 1));
      try {
        const response = await work();
        requests.observe([operation, end(response).code], (performance.now() - startedAt) / 1_000);
        return response;
      } finally {
        running.set([], (underWay -= 1));
      }
    },
    useCase: (_operation, work) => work(),
    post: (_key, work) => work(),
    batch: ({ size, refused, transfers: booked, askedAt, begunAt, decidedAt, endedAt, outcome }) => {
      batches.add([outcome]);
      if (outcome !== 'done') return;
      sizes.observe([], size);
      waits.observe([], (begunAt - askedAt) / 1_000);
      decisions.observe([], (decidedAt - begunAt) / 1_000);
      commits.observe([], (endedAt - decidedAt) / 1_000);
      intents.add(['done'], size - refused);
      intents.add(['refused'], refused);
      for (const [kind, count] of booked) transfers.add([kind], count);
    },
  };

  const collect = async ({ deps }: Service): Promise<string> => {
    const { engine, poster } = deps;
    info.set([version, engine.name], 1);
    waiting.set([], poster.depth());
    const now: Metric[] = [info, waiting, up];
    up.set([], 0);
    try {
      const backlog = await readBacklog(engine, timestamp(deps.now()));
      outbox.set([], backlog.waiting);
      oldest.set([], backlog.oldestMs === undefined ? 0 : Math.max(0, deps.now() - backlog.oldestMs) / 1_000);
      const found = await quotes.goOn(engine, deps.now());
      for (const [currency, minor] of found.differences) difference.set([currency], minor);
      compared.set([], found.compared);
      now.push(outbox, oldest, difference, compared);
      up.set([], 1);
    } catch {
      // What the database would have said is left out: old figures would look like new ones.
    }
    for (const { name, help, value } of engine.gauges?.() ?? []) {
      const found = gauges.get(name) ?? gauge({ name: `okpay_${name}`, help });
      gauges.set(name, found);
      found.set([], value);
    }
    return [...all, ...now, ...gauges.values(), ...own.collect()].map((metric) => metric.text()).join('');
  };

  return {
    watch,
    collect: (service) => {
      const at = performance.now();
      if (!last || at - last.at > FRESH_MS) last = { at, text: collect(service) };
      return last.text;
    },
    close: own.close,
  };
}
