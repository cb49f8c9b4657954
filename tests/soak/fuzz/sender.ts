import { Readable } from 'node:stream';
import { Pool } from 'undici';
import type { Wire } from './wire.ts';

export type Answer =
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly text: string;
    }
  /** No answer came, or not all of it. */
  | { readonly failed: string };

export type Sender = {
  readonly send: (wire: Omit<Wire, 'call'>) => Promise<Answer>;
  readonly close: () => Promise<void>;
};

const CONNECTIONS = 8;

/** Sends over a few connections that stay open. What has not answered after `hangMs` never will. */
export function makeSender(url: string, hangMs: number): Sender {
  const pool = new Pool(url, { connections: CONNECTIONS, headersTimeout: 0, bodyTimeout: 0 });
  return {
    close: () => pool.destroy(),
    send: async ({ method, target, headers, body, chunked }) => {
      try {
        const response = await pool.request({
          method,
          path: target,
          headers: headers.flat(),
          body: body === undefined ? null : chunked ? Readable.from([body]) : body,
          signal: AbortSignal.timeout(hangMs),
        });
        return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
      } catch (error) {
        const { name, message, code } = error as NodeJS.ErrnoException;
        return { failed: name === 'TimeoutError' ? 'hangs' : `${code ?? name}: ${message}` };
      }
    },
  };
}
