import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a rule may do to a connection besides changing the bytes on it. */
export type Link = { readonly cut: () => void };

/** Bytes to pass on, or nothing. */
export type Rule = (bytes: Buffer, link: Link) => Buffer | undefined;

/** A way to a PostgreSQL that can be cut, and whose bytes can be changed. */
export type Proxy = {
  /** The URL of a database of the server, by way of the proxy. */
  readonly url: string;
  rules: { toServer: Rule; toClient: Rule };
  readonly cutAll: () => void;
  readonly stop: () => Promise<void>;
};

/** Puts a proxy before the database of a URL that names a Unix socket. */
export async function startProxy(url: string): Promise<Proxy> {
  const { pathname, searchParams } = new URL(url);
  const folder = mkdtempSync(join(tmpdir(), 'okpay-proxy-'));
  const open = new Set<Socket>();
  const pass: Rule = (bytes) => bytes;
  const proxy = { rules: { toServer: pass, toClient: pass } };
  const door = createServer((client) => {
    const server = connect(join(searchParams.get('host') ?? '', '.s.PGSQL.5432'));
    const link = { cut: () => [client, server].forEach((socket) => socket.destroy()) };
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', link.cut);
      socket.on('close', () => {
        open.delete(socket);
        link.cut();
      });
    }
    const carry = (from: Socket, to: Socket, which: keyof Proxy['rules']) =>
      from.on('data', (bytes: Buffer) => {
        const passed = proxy.rules[which](bytes, link);
        if (passed && !to.destroyed) to.write(passed);
      });
    carry(client, server, 'toServer');
    carry(server, client, 'toClient');
  });
  await new Promise<void>((resolve) => door.listen(join(folder, '.s.PGSQL.5432'), resolve));
  const cutAll = () => open.forEach((socket) => socket.destroy());
  return Object.assign(proxy, {
    url: `postgres://${pathname}?user=${searchParams.get('user')}&host=${encodeURIComponent(folder)}`,
    cutAll,
    stop: async () => {
      cutAll();
      await new Promise((resolve) => door.close(resolve));
      rmSync(folder, { recursive: true });
    },
  });
}
