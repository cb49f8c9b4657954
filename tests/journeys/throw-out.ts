/**
 * For `node --import`: a request for `/throw` or `/reject` makes an error that nothing catches, as a mistake in the
 * program would. With OKPAY_UNCAUGHT=raw it is left to Node, to show that the test of it can see that.
 */
import { Server } from 'node:http';

type Emit = (this: unknown, event: string, ...args: unknown[]) => boolean;

const server = Server.prototype as unknown as { emit: Emit };
const { emit } = server;
server.emit = function (event, ...args) {
  const { url } = (args[0] ?? {}) as { url?: string };
  if (event === 'request' && (url === '/throw' || url === '/reject')) {
    if (process.env['OKPAY_UNCAUGHT'] === 'raw') process.removeAllListeners('uncaughtException');
    const error = new Error('could not read "canary words" of canary@example.com');
    if (url === '/reject') void Promise.reject(error);
    else
      setImmediate(() => {
        throw error;
      });
  }
  return emit.call(this, event, ...args);
};
