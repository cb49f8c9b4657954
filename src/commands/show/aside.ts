import type { Io } from '../io.ts';
import type { Render } from './show.ts';

/**
 * Shows blocks beside the answer, on stderr: what a question is about. They are shown with --quiet and --json too,
 * because nobody can agree to what was not shown. `now` gives milliseconds.
 */
export async function showAside(io: Io, now: () => number, render: Render): Promise<void> {
  const [{ layOut }, { makePen }] = await Promise.all([import('./lay-out.ts'), import('./pen.ts')]);
  const pen = await makePen(io.colour.stderr, now);
  io.note(await layOut(render(pen), pen, (io.stderr as { columns?: number }).columns ?? Infinity));
}
