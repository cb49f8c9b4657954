import { makeContext, type Served, type ServeOptions } from './commands/context.ts';
import { makeInterrupts } from './commands/interrupts.ts';
import { makeIo, type Io } from './commands/io.ts';
import { run } from './commands/run.ts';
import { makePrivateFolder, placeOf, type Environment, type Places } from './core/places.ts';
import type { Transport } from './core/transport/transport.ts';

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
    serve: (options: ServeOptions, places: Places) => serve(options, places, environment, io),
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
  // What was interrupted may still hold a connection open. The write ends after all output before it.
  if (exitCode === 130) process.stdout.write('', () => process.exit());
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
  const network = await import('./core/transport/network.ts');
  return network.networkTransport(url);
}

/** The service inside this process: whoever runs it sits at the machine that holds the database. */
async function localTransport(places: Places, environment: Environment, io: Io): Promise<Transport> {
  const service = await openLocalService(
    places,
    environment,
    io,
    environment['OKPAY_PUBLIC_URL'] || LOCAL_URL,
  );
  return {
    place: placeOf(undefined, places.databaseUrl),
    call: (call) => service.perform(call, { console: true }),
    close: () => service.close(),
  };
}

async function openLocalService(places: Places, environment: Environment, io: Io, publicUrl: string) {
  const { openService } = await import('./service/app.ts');
  makePrivateFolder(places.data);
  const smtpUrl = environment['OKPAY_SMTP_URL'] || undefined;
  return openService({
    databaseUrl: places.databaseUrl,
    outboxDirectory: places.outbox,
    publicUrl,
    ...(smtpUrl === undefined ? {} : { smtpUrl }),
    ...(environment['OKPAY_DEBUG'] === '1' ? { log: debugLog(io) } : {}),
  });
}

function debugLog(io: Io) {
  const line = (event: string, fields: Readonly<Record<string, string | number>> = {}) => {
    io.note(`${event} ${JSON.stringify(fields)}`);
  };
  return { info: line, error: line };
}

async function serve(
  options: ServeOptions,
  places: Places,
  environment: Environment,
  io: Io,
): Promise<Served> {
  const publicUrl = options.publicUrl ?? `http://${options.host}:${options.port}`;
  const service = await openLocalService(places, environment, io, publicUrl);
  try {
    const http = await import('./service/http/serve.ts');
    const server = await http.serve(service, { ...options, publicUrl });
    return {
      url: server.url,
      stop: async () => {
        await server.stop();
        await service.close();
      },
    };
  } catch (error) {
    await service.close();
    throw error;
  }
}
