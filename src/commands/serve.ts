import { Command, InvalidArgumentError, Option } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import { checkServerUrl, isThisMachine } from '../core/places.ts';
import type { Context, ServeOptions } from './context.ts';
import { declare, type Run } from './declare.ts';
import { AnsweredNo } from './io.ts';

type LogLevel = NonNullable<ServeOptions['logLevel']>;

const LOG_LEVELS: readonly LogLevel[] = ['silent', 'error', 'info'];

export type Options = {
  port: number;
  host: string;
  publicUrl?: string;
  behindProxy?: boolean;
  logLevel?: LogLevel;
  metricsPort?: number;
  metricsHost: string;
};

/** `okpay serve`: the service over HTTP, until Ctrl-C or SIGTERM, or until it must not go on. */
export function serveCommand(run: Run<Options> = serve) {
  const command = new Command()
    .option('--port <number>', 'where to listen; 0 takes a free one', portNumber, 7227)
    .option('--host <address>', 'on which address', '127.0.0.1')
    .option('--public-url <url>', 'where people reach it: what links in mails begin with')
    .option('--behind-proxy', 'a reverse proxy in front ends TLS and says who the caller is')
    .addOption(
      new Option('--log-level <level>', 'what is logged on stderr (OKPAY_LOG_LEVEL)').choices(LOG_LEVELS),
    )
    .option('--metrics-port <number>', 'answer /metrics for Prometheus on a port of its own', portNumber)
    .option('--metrics-host <address>', 'on which address', '127.0.0.1');
  return declare(command, run);
}

async function serve(context: Context, options: Options): Promise<void> {
  const { show, io } = context;
  const { host, port, behindProxy = false } = options;
  const named = '--public-url, OKPAY_PUBLIC_URL';
  const asked = options.publicUrl ?? (context.environment['OKPAY_PUBLIC_URL'] || undefined);
  if (!isThisMachine(host) && !behindProxy)
    throw new Refusal('usage_invalid', {
      reason: `Without TLS okpay listens only on this machine, and ${host} can be reached from others. Put a reverse proxy with TLS in front and say --behind-proxy.`,
    });
  if (behindProxy && asked === undefined)
    throw new Refusal('usage_invalid', {
      reason: `Behind a proxy okpay cannot know where people reach it, and links in mails begin with that: name it (${named}).`,
    });
  const publicUrl = asked === undefined ? undefined : checkServerUrl(asked, named);
  const logLevel = options.logLevel ?? checkLogLevel(context.environment['OKPAY_LOG_LEVEL'] || undefined);
  const { metricsHost, metricsPort } = options;
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  context.onInterrupt(stop);
  const server = await context.serve({
    host,
    port,
    behindProxy,
    quiet: context.flags.quiet,
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(metricsPort === undefined ? {} : { metrics: { host: metricsHost, port: metricsPort } }),
  });
  const { url, metricsUrl } = server;
  if (show.json) await show.answer({ url, ...(metricsUrl === undefined ? {} : { metricsUrl }) }, () => []);
  else io.note(`okpay serves at ${url} from ${context.places.databaseUrl.replace(/\/\/[^@/]*@/, '//')}`);
  if (metricsUrl !== undefined) show.note(`Metrics are at ${metricsUrl}, for Prometheus only.`);
  show.note('Ctrl-C stops it, after the calls that are under way.');
  await Promise.race([stopped, show.json ? server.failed.catch(afterAnswer) : server.failed]);
  show.note('Stopping.');
  await server.stop();
}

/** With --json the one document is out: the log and the exit code say the rest. */
function afterAnswer(failure: Refusal): never {
  throw new AnsweredNo(failure);
}

function checkLogLevel(text: string | undefined): LogLevel | undefined {
  if (text === undefined) return undefined;
  const found = LOG_LEVELS.find((level) => level === text);
  if (found) return found;
  throw new Refusal('usage_invalid', {
    reason: `A log level is ${LOG_LEVELS.join(', ')}; not “${text}” (OKPAY_LOG_LEVEL).`,
  });
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}
