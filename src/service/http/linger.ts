import type { IncomingMessage, ServerResponse } from 'node:http';

/** How much of a body is thrown away after its answer: at most `bytes`, for no longer than `ms`. */
export type LingerLimits = { readonly bytes: number; readonly ms: number };

/** What has been sent before the answer came is in the buffers of two machines and what is between them: a few megabytes. */
export const LINGER_BYTES = 64 * 1_024 * 1_024;

/**
 * Sees to a call that is answered before its body has come to its end, as a refused one is: what still comes of it is read and
 * thrown away. Closed at once, the connection would be reset, and the client might lose the answer with it, or the next call,
 * for which it takes the same connection (RFC 9112, 9.6). Whoever sends on beyond the limits is cut off.
 */
export function lingerOver(incoming: IncomingMessage, outgoing: ServerResponse, limits: LingerLimits): void {
  // Before it has gone out: from then on Node itself would read without any limit, and show nothing of it.
  outgoing.once('prefinish', () => {
    if (incoming.complete || incoming.destroyed) return;
    let bytes = 0;
    const { socket } = incoming;
    const cutOff = () => socket.destroySoon();
    const timer = setTimeout(cutOff, limits.ms);
    // Whoever read it until now stops it when they have enough, and will never go on.
    incoming.removeAllListeners('data');
    incoming.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > limits.bytes) cutOff();
    });
    incoming.once('close', () => clearTimeout(timer));
    incoming.resume();
  });
}
