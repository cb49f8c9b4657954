/**
 * For `node --import`: writes a line to the file of OKPAY_WAYS_OUT for each connection that the process makes, each
 * datagram it sends, each name it asks for and each program it starts, in its threads too.
 */
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const FILE = process.env['OKPAY_WAYS_OUT'] ?? '';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Has a method note down what it is called with, and do what it does. */
function watch(owner: object, name: string, describe: (args: unknown[]) => string | undefined): void {
  const methods = owner as Record<string, Method>;
  const method = methods[name] as Method;
  methods[name] = function (this: unknown, ...args) {
    const line = describe(args);
    if (line !== undefined) appendFileSync(FILE, `${line}\n`);
    return method.apply(this, args);
  };
}

watch(net.Socket.prototype, 'connect', (args) => {
  // Node hands on what it made of host and port as an array.
  const [first] = args.flat() as [{ host?: string; port?: number; path?: string } | number | string];
  if (typeof first !== 'object') return `connect ${args.join(' ')}`;
  return `connect ${first.path ?? `${first.host ?? 'localhost'}:${first.port}`}`;
});
watch(dgram.Socket.prototype, 'send', () => 'send');
// What is an address already is “looked up” without asking anybody.
watch(dns, 'lookup', ([host]) => (net.isIP(String(host)) ? undefined : `lookup ${String(host)}`));
watch(childProcess.ChildProcess.prototype, 'spawn', ([options]) => {
  const { file, args, shell } = options as { file: string; args: string[]; shell?: boolean };
  return `${shell ? 'shell' : 'start'} ${file} ${args.slice(1).join(' ')}`;
});
for (const name of ['spawnSync', 'execSync', 'execFileSync'])
  watch(childProcess, name, ([file]) => `start ${String(file)}`);
syncBuiltinESMExports();
