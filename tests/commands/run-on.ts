import { PassThrough } from 'node:stream';
import { makeContext, type Ground } from '../../src/commands/context.ts';
import { makeIo } from '../../src/commands/io.ts';
import { run } from '../../src/commands/run.ts';
import type { Service } from '../../src/service/app.ts';

/** Runs a command line on the real program and a real service in this process, with somebody's token. */
export async function runOn(
  service: Service,
  { home, token }: { readonly home: string; readonly token: string },
  words: readonly string[],
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const environment = { OKPAY_HOME: home, OKPAY_TOKEN: token };
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const written = { stdout: '', stderr: '' };
  stdout.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()));
  stderr.on('data', (chunk: Buffer) => (written.stderr += chunk.toString()));
  const io = makeIo({ stdin: stdin.end(), stdout, stderr }, environment, false);
  const interrupts = { interrupted: new Promise<never>(() => {}), onInterrupt: () => {}, end: () => {} };
  const ground = {
    environment,
    io,
    interrupts,
    now: Date.now,
    openTransport: async () => ({
      place: 'test',
      close: async () => {},
      call: (call: Parameters<Service['perform']>[0]) => service.perform(call, { console: true }),
    }),
    atEnd: () => {},
    // What these commands have no use for is left out.
  } as unknown as Ground;
  const exitCode = await run(words, {
    io,
    interrupts,
    debug: false,
    open: (flags) => makeContext(flags, ground),
  });
  await new Promise((resolve) => setImmediate(resolve));
  return { exitCode, ...written };
}
