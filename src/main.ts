import { makeContext, type Served, type ServeOptions } from './commands/context.ts';
import { makeInterrupts } from './commands/interrupts.ts';
import { makeIo, type Io } from './commands/io.ts';
import { run } from './commands/run.ts';
import { OPERATIONS, type Operation } from './core/contract/operations.ts';
import { Refusal } from './core/contract/refusals.ts';
import { makePrivateFolder, placeOf, type Environment, type Places } from './core/places.ts';
import type { Transport } from './core/transport/transport.ts';
import type { Service } from './service/app.ts';
import type { Deps, Log } from './service/deps.ts';
import type { Watch } from './service/watch/watch.ts';

/** Where links in mails point while no server runs: to where `okpay serve` would be. */
const LOCAL_URL = 'http://127.0.0.1:7227';

/** Runs the command line `words` in this process: its streams, its environment, its exit code. */
export async function main(words: readonly string[]): Promise<void> {
  // What okpay writes is for its user alone: tokens, mail, the database.
  process.umask(0o077);
  const environment = process.env;
  // The prompts know no flag, only the variable.
  if (words.includes('--no-color')) environment['NO_COLOR'] = '1';
  const io = makeIo(process, environment, true);
  const interrupts = makeInterrupts(process);
  const ground = {
    environment,
    io,
    interrupts,
    now: Date.now,
    openTransport: (url: string | undefined, places: Places) =>
      url === undefined ? localTransport(places, environment, io) : networkTransport(url),
    openMaintenance: async (places: Places) => {
      const { openMaintenance } = await import('./service/maintenance/open.ts');
      return openMaintenance(settingsOf(places, environment));
    },
    serve: (options: ServeOptions, places: Places) => serve(options, places, environment),
    atEnd: doAtEnd(process),
  };
  const exitCode = await run(words, {
    io,
    interrupts,
    debug: environment['OKPAY_DEBUG'] === '1',
    open: (flags) => makeContext(flags, ground),
  });
  interrupts.end();
  process.exitCode = exitCode;
  // What was interrupted, or went wrong inside, may still hold something open. A write ends after all output before it.
  if (exitCode === 130 || exitCode === 1)
    io.stdout.write('', () => void io.stderr.write('', () => process.exit()));
}

/** Does work when the process ends with 0, and ends it at once then: Node takes many milliseconds to clean up. */
function doAtEnd(ending: NodeJS.Process): (work: () => void) => void {
  const last: (() => void)[] = [];
  ending.once('exit', (code) => {
    if (code !== 0 || last.length === 0) return;
    for (const work of last) work();
    ending.exit();
  });
  return (work) => void last.push(work);
}

async function networkTransport(url: string): Promise<Transport> {
  const [network, { setFlagsFromString }] = await Promise.all([
    import('./core/transport/network.ts'),
    import('node:v8'),
  ]);
  // undici reads answers with WebAssembly. After the first one V8 would compile that again for speed, which takes longer
  // than most commands, and the process could not end before.
  setFlagsFromString('--wasm-tiering-budget=2000000000');
  return network.networkTransport(url);
}

/** The service inside this process: whoever runs it sits at the machine that holds the database. */
async function localTransport(places: Places, environment: Environment, io: Io): Promise<Transport> {
  const log = environment['OKPAY_DEBUG'] === '1' ? debugLog(io) : undefined;
  const { publicUrl } = settingsOf(places, environment);
  const service = await openServiceHere(places, environment, publicUrl, { ...(log ? { log } : {}) });
  return {
    place: placeOf(undefined, places.databaseUrl),
    call: async (call) => {
      const { stream }: Operation = OPERATIONS[call.operation];
      if (stream !== undefined) await keepMemorySmall();
      return service.perform(call, { console: true });
    },
    close: () => service.close(),
  };
}

/**
 * What streams makes very many objects that die at once. V8 would give them more and more room, up to a hundred
 * megabytes, where one is as good: from now on the space for new objects does not grow, and that for old ones by less
 * than a third between two collections.
 */
async function keepMemorySmall(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=30');
}

async function openServiceHere(
  places: Places,
  environment: Environment,
  publicUrl: string,
  { log, watch }: { log?: Log; watch?: Watch },
) {
  const { openService } = await import('./service/app.ts');
  makePrivateFolder(places.data);
  return openService({
    ...settingsOf(places, environment),
    publicUrl,
    ...(log ? { log } : {}),
    ...(watch ? { watch } : {}),
  });
}

/** Settings of the service that do not depend on how it is reached. */
function settingsOf(places: Places, environment: Environment) {
  const smtpUrl = environment['OKPAY_SMTP_URL'] || undefined;
  const keysPath = environment['OKPAY_KEYS'] || undefined;
  const nameCheckUrl = environment['OKPAY_NAME_CHECK_URL'] || undefined;
  const ratesUrl = environment['OKPAY_RATES_URL'] || undefined;
  const operator = environment['OKPAY_OPERATOR'] || undefined;
  return {
    databaseUrl: places.databaseUrl,
    outboxDirectory: places.outbox,
    publicUrl: environment['OKPAY_PUBLIC_URL'] || LOCAL_URL,
    ...(smtpUrl === undefined ? {} : { smtpUrl }),
    ...(keysPath === undefined ? {} : { keysPath }),
    ...(nameCheckUrl === undefined ? {} : { nameCheckUrl }),
    ...(ratesUrl === undefined ? {} : { ratesUrl }),
    ...(operator === undefined ? {} : { operator }),
  };
}

function debugLog(io: Io): Log {
  const line = (event: string, fields: Readonly<Record<string, string | number>> = {}) => {
    io.note(`${event} ${JSON.stringify(fields)}`);
  };
  return { info: line, error: line };
}

async function serve(options: ServeOptions, places: Places, environment: Environment): Promise<Served> {
  const { serve: listen } = await import('./service/http/serve.ts');
  const { host, behindProxy } = options;
  // The service has to know its own address before it listens.
  const port = options.port === 0 ? await freePort(host) : options.port;
  const publicUrl = options.publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const watching = await watchOf(options, environment);
  const ends: (() => Promise<void>)[] = [watching.close];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const service = await openServiceHere(places, environment, publicUrl, watching);
    ends.push(() => service.close());
    const stopCatching = catchTheRest(process, service.deps);
    ends.push(async () => stopCatching());
    const metrics = await watching.serveMetrics(service);
    if (metrics) ends.push(() => metrics.stop());
    const server = await listen(await smallWhileReading(service), { host, port, publicUrl, behindProxy });
    ends.push(() => server.stop());
    const failed = service.failed.then(async (why) => {
      await server.stop();
      await watching.close();
      // The database is left as it is: to close it would write to it.
      throw new Refusal('service_failed', { reason: reasonOf(why) });
    });
    failed.catch(() => undefined);
    return { url: server.url, ...(metrics ? { metricsUrl: metrics.url } : {}), failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * What nothing else caught is logged like any error, without what its message may quote, and ends the process, as nobody
 * knows what was left half done (OWASP ASVS 5.0, V16.5.4). Gives how to stop.
 */
function catchTheRest(running: NodeJS.Process, { engine, log }: Pick<Deps, 'engine' | 'log'>): () => void {
  const end = (error: unknown) => {
    log.error('unexpected', {
      operation: 'none',
      stack: (error as Error | undefined)?.stack ?? String(error),
    });
    engine.fuse.blow(new Error('an error was caught nowhere (it is in the log)'));
  };
  running.on('uncaughtException', end);
  return () => void running.off('uncaughtException', end);
}

/** Why a service must not go on, as the rest of a sentence. An assertion says what should be true, and then the values. */
function reasonOf({ name, message }: Error): string {
  const [truth = ''] = message.split('\n');
  return name === 'AssertionError' ? `it does not hold that ${truth}` : message;
}

/**
 * The same service, whose memory does not grow by the streams that it reads: while there are any, V8 makes no more room. Not
 * always: a thousand payments in one call take half as much again of a processor then.
 */
async function smallWhileReading(service: Service): Promise<Service> {
  const { setFlagsFromString } = await import('node:v8');
  let streams = 0;
  const perform: Service['perform'] = async (call, caller) => {
    const { stream }: Operation = OPERATIONS[call.operation];
    if (stream !== 'in') return service.perform(call, caller);
    streams += 1;
    try {
      await keepMemorySmall();
      return await service.perform(call, caller);
    } finally {
      streams -= 1;
      if (streams === 0) {
        // What V8 has unless it is told otherwise.
        setFlagsFromString('--semi-space-growth-factor=2');
        setFlagsFromString('--heap-growing-percent=0');
      }
    }
  };
  return { ...service, perform };
}

/** The log of a server and, as far as they are asked for, its metrics and traces. */
async function watchOf(options: ServeOptions, environment: Environment) {
  const [{ observe }, { okpayVersion }] = await Promise.all([
    import('./service/watch/observe.ts'),
    import('./core/version.ts'),
  ]);
  const { quiet, logLevel, metrics } = options;
  return observe({
    logLevel: quiet ? 'silent' : (logLevel ?? 'info'),
    ...(metrics ? { metrics } : {}),
    version: okpayVersion(),
    environment,
  });
}

async function freePort(host: string): Promise<number> {
  const { createServer } = await import('node:net');
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
