import { Refusal } from '../../core/contract/refusals.ts';

/**
 * How much of a body is taken: at most `bytes`; a whole body within `patienceMs`, a stream with no longer between two
 * pieces.
 */
export type BodyLimits = { readonly bytes: number; readonly patienceMs: number };

/** Checks the media type. Throws `media_type_unsupported`, also for a body that is compressed. */
export function checkMediaType(request: Request, expected: string): void {
  const [type = '', ...parameters] = (request.headers.get('content-type') ?? '').toLowerCase().split(';');
  const right =
    type.trim() === expected &&
    parameters.every((parameter) => /^\s*charset="?utf-8"?\s*$/.test(parameter)) &&
    request.headers.get('content-encoding') === null;
  if (!right) throw new Refusal('media_type_unsupported', { expected });
}

/** Reads a whole body. Throws `body_too_large`, or `body_invalid` when it stops arriving. */
export async function readBody(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  checkLength(request, limits);
  // With a length in front, Node itself reads no more than that.
  const whole = request.headers.has('content-length')
    ? request.arrayBuffer().then((buffer) => new Uint8Array(buffer))
    : join(limitBody(request, limits));
  return inTime(whole, limits);
}

async function join(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/**
 * A body as it arrives, piece by piece. Reading throws `body_too_large`, or `body_invalid` when it stops arriving.
 */
export async function* limitBody(request: Request, limits: BodyLimits): AsyncGenerator<Uint8Array> {
  checkLength(request, limits);
  const reader = (request.body as ReadableStream<Uint8Array> | null)?.getReader();
  let bytes = 0;
  try {
    while (reader) {
      const { done, value } = await inTime(reader.read(), limits);
      if (done) return;
      bytes += value.byteLength;
      if (bytes > limits.bytes) throw tooLarge(limits);
      yield value;
    }
  } finally {
    // Not cancelled: that would cut the connection before the answer. What still comes is the server's (linger.ts).
    reader?.releaseLock();
  }
}

/** Refuses a body where none belongs. */
export function refuseBody(request: Request): void {
  const length = request.headers.get('content-length') ?? '0';
  if (length !== '0' || request.headers.has('transfer-encoding')) {
    throw new Refusal('body_invalid', { reason: 'this call takes no body.' });
  }
}

function checkLength(request: Request, limits: BodyLimits): void {
  if (Number(request.headers.get('content-length') ?? '0') > limits.bytes) throw tooLarge(limits);
}

async function inTime<T>(work: Promise<T>, { patienceMs }: BodyLimits): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(stopped()), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    // The client went away in the middle of its own request.
    throw error instanceof Refusal ? error : stopped();
  } finally {
    clearTimeout(timer);
  }
}

function stopped(): Refusal {
  return new Refusal('body_invalid', { reason: 'it stopped arriving.' });
}

function tooLarge({ bytes }: BodyLimits): Refusal {
  return new Refusal('body_too_large', { limit: String(bytes) });
}
