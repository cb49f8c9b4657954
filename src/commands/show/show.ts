import type { Io } from '../io.ts';
import type { Block } from './blocks.ts';
import { makePen, type Pen } from './pen.ts';
import { safeLines } from './safe-text.ts';

/** Makes what people see of an answer. */
export type Render = (pen: Pen) => readonly Block[];

/** The only way an answer gets out of a command. */
export type Show = {
  /** True with --json. */
  readonly json: boolean;
  /** The answer of a command, once: exactly one JSON document with --json, else what `render` makes of it. */
  readonly answer: (value: unknown, render: Render) => Promise<void>;
  /** One item of a stream: a line of JSON with --json, else what `render` makes of it. */
  readonly item: (value: unknown, render: Render) => Promise<void>;
  /** A text that is the answer itself, such as an export, as it is. */
  readonly raw: (text: AsyncIterable<string>) => Promise<void>;
  /** A sentence beside the answer, on stderr; not said with --quiet or --json. Other people's text in it is made harmless. */
  readonly note: (sentence: string) => void;
};

/** Shows on `io`; `now` gives milliseconds. */
export function makeShow(io: Io, flags: { json: boolean; quiet: boolean }, now: () => number): Show {
  const people = async (render: Render) => {
    const { layOut } = await import('./lay-out.ts');
    const pen = await makePen(io.colour.stdout, now);
    await io.write(await layOut(render(pen), pen, io.width));
  };
  return {
    json: flags.json,
    answer: (value, render) =>
      flags.json ? io.write(`${JSON.stringify(value, undefined, 2)}\n`) : people(render),
    item: (value, render) => (flags.json ? io.write(`${JSON.stringify(value)}\n`) : people(render)),
    raw: async (text) => {
      for await (const chunk of text) await io.write(chunk);
    },
    note: (sentence) => {
      if (!flags.quiet && !flags.json) io.note(safeLines(sentence));
    },
  };
}
