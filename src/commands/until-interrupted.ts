import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';

/** The pieces until Ctrl-C; then it throws `interrupted`, so that half of what they make is taken away. */
export async function* untilInterrupted(
  { onInterrupt }: Pick<Context, 'onInterrupt'>,
  pieces: AsyncIterable<string>,
): AsyncGenerator<string> {
  let isPressed = false;
  let stopWaiting = (): void => undefined;
  onInterrupt(() => {
    isPressed = true;
    stopWaiting();
  });
  const iterator = pieces[Symbol.asyncIterator]();
  try {
    while (!isPressed) {
      // A race with one promise for all pieces would keep every piece until the end.
      const next = await new Promise<IteratorResult<string>>((resolve, reject) => {
        stopWaiting = () => reject(new Refusal('interrupted'));
        iterator.next().then(resolve, reject);
      });
      if (next.done) return;
      yield next.value;
    }
    throw new Refusal('interrupted');
  } finally {
    // A piece that is still awaited lets go when it comes: nobody waits for that.
    void iterator.return?.().catch(() => undefined);
  }
}
