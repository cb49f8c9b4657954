import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

/**
 * What happens to a connection whose request has this text in its first line: `cut-answer` hands the request on and
 * cuts when the answer comes; `cut-request` cuts before anything is handed on; `hang` hands it on and keeps the answer.
 */
export type Fault = { readonly on: string; readonly does: 'cut-answer' | 'cut-request' | 'hang' };

export type FaultProxy = {
  readonly url: string;
  /** How often the fault happened so far: for `cut-answer`, how many answers came and were cut. */
  readonly faults: () => number;
  /** From now on this, `times` times; undefined lets everything through. */
  readonly set: (fault: Fault | undefined, times?: number) => void;
  readonly close: () => Promise<void>;
};

/** A TCP proxy on loopback in front of a server, which loses what it is told to lose. */
export async function openFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let fault: Fault | undefined;
  let left = 0;
  let faults = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    // What this connection now does with what comes back.
    let answer: 'pass' | 'cut' | 'keep' = 'pass';
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      const [first = ''] = chunk.toString('latin1').split('\r\n');
      if (fault && left > 0 && first.includes(fault.on)) {
        left -= 1;
        if (fault.does !== 'cut-answer') faults += 1;
        if (fault.does === 'cut-request') return void client.destroy();
        answer = fault.does === 'hang' ? 'keep' : 'cut';
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (answer === 'pass') client.write(chunk);
      if (answer !== 'cut') return;
      faults += 1;
      client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults: () => faults,
    set: (next, times = Infinity) => {
      fault = next;
      left = times;
      faults = 0;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
