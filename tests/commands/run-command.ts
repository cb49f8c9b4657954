import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { makeContext, type ServeOptions } from '../../src/commands/context.ts';
import { makeIo } from '../../src/commands/io.ts';
import { run } from '../../src/commands/run.ts';
import { TREE, type Entry } from '../../src/commands/tree.ts';
import type { OperationName } from '../../src/core/contract/operations.ts';
import type { OpenKeychain } from '../../src/core/keychain.ts';
import type { Maintenance } from '../../src/core/maintenance.ts';
import type { Call } from '../../src/core/transport/transport.ts';

export type Settings = {
  /** What the service answers, by operation; a function may throw a Refusal. */
  answers?: Partial<Record<OperationName, unknown>>;
  environment?: Record<string, string>;
  stdin?: string;
  /** Keys typed at a terminal, in order; each waits for a new question. Makes stdin and stderr terminals. */
  keys?: readonly string[];
  /** Makes stdout a terminal with so many columns. */
  columns?: number;
  home?: string;
  tree?: readonly Entry[];
  /** Rejects when the test says so, as Ctrl-C does. */
  interrupted?: Promise<never>;
  now?: () => number;
  /** The database of commands that look after it. */
  maintenance?: Partial<Maintenance>;
  /** The keychain of the system; the real one when left out. */
  keychain?: OpenKeychain;
  /** Receives how serve is to listen; Ctrl-C follows at once. */
  onServe?: (options: ServeOptions) => void;
  /** Rejects when what serve started must not go on. */
  failed?: Promise<never>;
};

export type Outcome = { exitCode: number; stdout: string; stderr: string; calls: Call[]; home: string };

/** A new empty OKPAY_HOME. */
export function newHome(): string {
  return mkdtempSync(join(tmpdir(), 'okpay-test-'));
}

/** Whether what was written ends with a question that is not answered yet. */
function asksSomething(written: string): boolean {
  const text = stripVTControlCharacters(written);
  return /^\? /m.test(text.slice(text.lastIndexOf('✔') + 1));
}

/** Runs a command line on the real program, with streams and a service of the test's own. */
export async function runCommand(words: readonly string[], settings: Settings = {}): Promise<Outcome> {
  const home = settings.home ?? newHome();
  const environment = { OKPAY_HOME: home, ...settings.environment };
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const written = { stdout: '', stderr: '' };
  stdout.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()));
  const keys = [...(settings.keys ?? [])];
  let pendingKey: NodeJS.Timeout | undefined;
  let sinceKey = '';
  stderr.on('data', (chunk: Buffer) => {
    written.stderr += chunk.toString();
    if (!settings.keys) return;
    // A question draws itself in several writes; the key is typed once it is there and quiet.
    sinceKey += chunk.toString();
    clearTimeout(pendingKey);
    if (!asksSomething(sinceKey)) return;
    pendingKey = setTimeout(() => {
      if (keys.length === 0) return;
      sinceKey = '';
      stdin.write(keys.shift());
    }, 60);
  });
  if (settings.keys) {
    Object.assign(stdin, { isTTY: true, setRawMode: () => stdin });
    // The prompts end what they wrote to, except the real stderr.
    Object.assign(stderr, { isTTY: true, columns: 80, end: () => stderr });
  } else stdin.end(settings.stdin ?? '');
  if (settings.columns !== undefined) Object.assign(stdout, { isTTY: true, columns: settings.columns });

  const calls: Call[] = [];
  const io = makeIo({ stdin, stdout, stderr }, environment, !words.includes('--no-color'));
  const interrupts = {
    interrupted: settings.interrupted ?? new Promise<never>(() => {}),
    onInterrupt: (handler: () => void) => {
      if (settings.onServe) setTimeout(handler, 20);
    },
  };
  const last: (() => void)[] = [];
  const exitCode = await run(
    words,
    {
      io,
      interrupts,
      debug: false,
      open: (flags) =>
        makeContext(flags, {
          environment,
          io,
          interrupts: { ...interrupts, end: () => {} },
          now: settings.now ?? Date.now,
          openTransport: async (url) => ({
            place: url ?? 'test',
            close: async () => {},
            call: async (call) => {
              calls.push(call);
              const answer = settings.answers?.[call.operation];
              const output: unknown = typeof answer === 'function' ? await answer(call.input, call) : answer;
              return { output };
            },
          }),
          openMaintenance: async () => (settings.maintenance ?? {}) as Maintenance,
          serve: async (options) => {
            settings.onServe?.(options);
            return {
              url: `http://${options.host}:${options.port}`,
              failed: settings.failed ?? new Promise<never>(() => {}),
              stop: async () => {},
            };
          },
          atEnd: (work) => void last.push(work),
          ...(settings.keychain ? { openKeychain: settings.keychain } : {}),
        }),
    },
    settings.tree ?? TREE,
  );
  if (exitCode === 0) for (const work of last) work();
  await new Promise((resolve) => setImmediate(resolve));
  return { exitCode, ...written, calls, home };
}
