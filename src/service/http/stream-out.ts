const encoder = new TextEncoder();

/**
 * Text that is made as it is read, as bytes for an answer. The first piece is made here, so that a refusal is still an
 * answer of its own. When a later piece fails there is nothing left to say: `onError` must cut the connection, so that
 * half a text is never taken for a whole one.
 */
export async function streamOut(
  text: AsyncIterable<string>,
  onError: (error: unknown) => void,
): Promise<ReadableStream<Uint8Array>> {
  const pieces = text[Symbol.asyncIterator]();
  let next: IteratorResult<string, unknown> | undefined = await pieces.next();
  let isLeft = false;
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const piece = next ?? (await pieces.next());
        next = undefined;
        // Nobody reads any more what was under way.
        if (isLeft) return;
        if (piece.done) controller.close();
        else controller.enqueue(encoder.encode(piece.value));
      } catch (error) {
        if (isLeft) return;
        onError(error);
        controller.close();
      }
    },
    cancel: async () => {
      isLeft = true;
      await pieces.return?.();
    },
  });
}
