import type { Readable, Writable } from 'node:stream';
import { Refusal } from '../core/contract/refusals.ts';
import type { Environment } from '../core/places.ts';

/** A question, and the flag that answers it where there is nobody to ask. */
export type Question = { readonly message: string; readonly flag: string; readonly initial?: string };

/** How a command reaches the world: the answer on stdout; prompts and diagnostics on stderr. */
export type Io = {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Somebody is there to be asked: stdin and stderr are terminals, and this is not CI. */
  readonly interactive: boolean;
  readonly colour: { readonly stdout: boolean; readonly stderr: boolean };
  /** Columns of stdout; Infinity when it is not a terminal. */
  readonly width: number;
  /** Writes to stdout and waits until it may go on. Throws `PipeClosed` when the reader has gone, `AnswerNotWritten`. */
  readonly write: (text: string) => Promise<void>;
  /** One line, or several, on stderr. */
  readonly note: (text: string) => void;
  /** Asks for a value. Throws `usage_invalid` naming the flag when there is nobody to ask. */
  readonly ask: (question: Question) => Promise<string>;
  /** The same, without showing what is typed. */
  readonly askSecret: (question: Question) => Promise<string>;
  /** Asks yes or no, no being the default. Throws `cancelled` on no. */
  readonly confirm: (question: Question) => Promise<void>;
  /** All of stdin as text; a secret piped in. */
  readonly readStdin: () => Promise<string>;
};

/** The reader of stdout has gone (`okpay history | head`): there is nobody to tell, so the command just ends. */
export class PipeClosed extends Error {
  override readonly name = 'PipeClosed';
}

/** The answer is out and is a no: nothing more is to be said, and the exit code is that of the refusal. */
export class AnsweredNo extends Error {
  override readonly name = 'AnsweredNo';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** The answer could not be written, on a full disk for one. What was asked for has been done all the same. */
export class AnswerNotWritten extends Error {
  override readonly name = 'AnswerNotWritten';

  constructor(cause: Error) {
    super(`The command was carried out, but its answer could not be written: ${cause.message}`, { cause });
  }
}

type Terminal = { readonly isTTY?: boolean; readonly columns?: number };
type Streams = {
  readonly stdin: Readable & Terminal;
  readonly stdout: Writable & Terminal;
  readonly stderr: Writable & Terminal;
};

/** The largest secret read from stdin, in characters. */
const STDIN_LIMIT = 65_536;

/**
 * Io over real streams. `wantsColour` is false with --no-color. Streams are touched only when they are needed: opening
 * stdin alone costs a tenth of a start.
 */
export function makeIo(streams: Streams, environment: Environment, wantsColour: boolean): Io {
  const colourful = wantsColour && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  let closed = false;
  const guarded = new Set<Writable>();
  const guard = <Stream extends Writable>(stream: Stream): Stream => {
    if (guarded.has(stream)) return stream;
    guarded.add(stream);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // What cannot be written to stdout is told by write; what cannot be written to stderr, nobody can be told.
      if (stream === streams.stdout && isPipeClosed(error)) closed = true;
    });
    return stream;
  };
  const isInteractive = () =>
    streams.stdin.isTTY === true && streams.stderr.isTTY === true && !isCi(environment);
  const prompts = async (question: Question) => {
    if (!isInteractive()) throw nobodyToAsk(question, isCi(environment));
    const context = { input: streams.stdin, output: guard(streams.stderr) };
    return { prompts: await import('@inquirer/prompts'), context };
  };

  return {
    get stdin() {
      return streams.stdin;
    },
    get stdout() {
      return guard(streams.stdout);
    },
    get stderr() {
      return guard(streams.stderr);
    },
    get interactive() {
      return isInteractive();
    },
    colour: {
      get stdout() {
        return colourful && streams.stdout.isTTY === true;
      },
      get stderr() {
        return colourful && streams.stderr.isTTY === true;
      },
    },
    get width() {
      return streams.stdout.isTTY === true ? (streams.stdout.columns ?? 80) : Infinity;
    },
    write: async (text) => {
      if (closed) throw new PipeClosed();
      await new Promise<void>((resolve, reject) => {
        guard(streams.stdout).write(text, (error) => {
          if (!error) resolve();
          else reject(isPipeClosed(error) ? new PipeClosed() : new AnswerNotWritten(error));
        });
      });
    },
    note: (text) => {
      guard(streams.stderr).write(text.endsWith('\n') ? text : `${text}\n`);
    },
    ask: async (question) => {
      const { prompts: asked, context } = await prompts(question);
      const initial = question.initial === undefined ? {} : { default: question.initial };
      return unlessLeft(asked.input({ message: question.message, required: true, ...initial }, context));
    },
    askSecret: async (question) => {
      const { prompts: asked, context } = await prompts(question);
      return unlessLeft(asked.password({ message: question.message, mask: '•' }, context));
    },
    confirm: async (question) => {
      const { prompts: asked, context } = await prompts(question);
      if (!(await unlessLeft(asked.confirm({ message: question.message, default: false }, context))))
        throw new Refusal('cancelled');
    },
    readStdin: async () => {
      let text = '';
      const { stdin } = streams;
      stdin.setEncoding('utf8');
      for await (const chunk of stdin as AsyncIterable<string>) {
        text += chunk;
        if (text.length > STDIN_LIMIT)
          throw new Refusal('usage_invalid', {
            reason: `stdin has more than ${STDIN_LIMIT} characters in it.`,
          });
      }
      return text;
    },
  };
}

/** Ctrl-C at a question is an answer too, and one of which it is known that nothing left: `interrupted`. */
async function unlessLeft<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw (error as Error).name === 'ExitPromptError' ? new Refusal('interrupted') : error;
  }
}

/** True in continuous integration, where nobody answers even when something looks like a terminal. */
export function isCi(environment: Environment): boolean {
  return !['', '0', 'false'].includes((environment['CI'] ?? '').toLowerCase());
}

function isPipeClosed(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
}

function nobodyToAsk({ flag }: Question, ci: boolean): Refusal {
  const why = ci ? 'nothing is asked in CI' : 'there is no terminal to ask on';
  return new Refusal('usage_invalid', { reason: `${flag} is needed: ${why}.`, flag });
}
