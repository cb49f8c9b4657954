import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Something that stands in front of several servers. */
export type Balancer = {
  readonly url: string;
  /** Which servers there are, as `http://host:port`; connections that are open stay where they are. */
  readonly send: (to: readonly string[]) => void;
  readonly close: () => Promise<void>;
};

/**
 * Hands every new connection to the next server in turn, and to the one after it when that one does not answer. A
 * connection whose server dies is cut off, as a balancer of bytes does: what was on it is unknown to the client.
 */
export async function openBalancer(): Promise<Balancer> {
  let servers: readonly string[] = [];
  let turn = 0;
  const open = new Set<Socket>();
  const balancer = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (client) => {
    open.add(client);
    client.on('error', () => undefined).on('close', () => open.delete(client));
    const next = (tries: number): void => {
      if (tries >= servers.length) return void client.destroy();
      const { hostname, port } = new URL(servers[turn++ % servers.length] as string);
      const server = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      let connected = false;
      server.on('error', () => {
        if (!connected) next(tries + 1);
      });
      server.on('connect', () => {
        connected = true;
        client.on('close', () => server.destroy());
        server.on('close', () => client.destroy());
        client.pipe(server).pipe(client);
      });
    };
    next(0);
  });
  await new Promise<void>((resolve) => balancer.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`,
    send: (to) => (servers = to),
    close: () =>
      new Promise((resolve) => {
        balancer.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
