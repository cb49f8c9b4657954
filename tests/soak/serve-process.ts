import { execa } from 'execa';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own. */
export type ServeProcess = {
  readonly url: string;
  /** Gives its exit code, when it ends by itself or because of a signal. */
  readonly ended: Promise<number | undefined>;
  /** What it wrote to stderr, up to the first few pages. */
  readonly said: () => string;
  /** Sends a signal and waits for the process to be gone. */
  readonly end: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>;
  /** Stops its clock, as a machine that swaps or a paused virtual machine does, and lets it go on. */
  readonly pause: () => void;
  readonly resume: () => void;
};

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The words for node that are `okpay serve` on a free port. */
export const SERVE = ['bin/okpay.js', 'serve', '--port', '0'];

/** Starts `okpay serve`, or other words for node or another program, with these variables, and waits until it listens. */
export async function startServe(
  environment: Readonly<Record<string, string>>,
  words: readonly string[] = SERVE,
  program: string = process.execPath,
): Promise<ServeProcess> {
  const child = execa(program, [...words], {
    cwd: ROOT,
    env: {
      OKPAY_URL: undefined,
      OKPAY_SMTP_URL: undefined,
      OKPAY_DATABASE_URL: undefined,
      ...environment,
    },
    reject: false,
    buffer: false,
    stdin: 'ignore',
  });
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      if (text.length < 10_000) text += chunk.toString();
      const found = /http:\/\/[\d.]+:\d+/.exec(text);
      if (found) resolve(found[0]);
    });
    void child.then(() => reject(new Error(`the server did not start: ${text}`)));
  });
  return {
    url,
    ended: child.then(({ exitCode }) => exitCode),
    said: () => text,
    end: async (signal) => {
      child.kill('SIGCONT');
      child.kill(signal);
      await child;
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}
