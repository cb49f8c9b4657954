/**
 * The other side of bench/http.ts, in a process of its own: sends payments over keep-alive connections and times the
 * answers. It writes HTTP/1.1 by hand, so that on two cores the load costs as little as it can. Ends with its parent.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Somebody who pays: their id, address and session token. */
export type Payer = { readonly id: string; readonly email: string; readonly token: string };

/** What to send: so many calls over so many connections. `rows` are the transfers of a call; 0 sends single ones. */
export type Job = {
  readonly url: string;
  readonly calls: number;
  readonly connections: number;
  readonly rows: number;
  /** Everybody pays one and the same holder. */
  readonly hot: boolean;
  /** Calls per second, evenly; undefined as many as go, each connection one after the other. */
  readonly rate?: number;
};

/** `ms` is how long all took; the others are of single calls, from when they were due. */
export type Timing = {
  readonly ms: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
};

const TICK_MS = 1;
let payers: readonly Payer[] = [];
let keys = 0;

process.on('disconnect', () => process.exit());
process.on('message', (message: { payers: readonly Payer[] } | { job: Job }) => {
  if ('payers' in message) payers = message.payers;
  else
    run(message.job).then(
      (timing) => process.send?.({ timing }),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
});

async function run(job: Job): Promise<Timing> {
  const requests = Array.from({ length: job.calls }, () => request(job));
  const lines = await Promise.all(Array.from({ length: job.connections }, () => openLine(job)));
  const times: number[] = [];
  const from = performance.now();
  await (job.rate === undefined ? flatOut(requests, lines, times) : evenly(requests, lines, times, job.rate));
  const ms = performance.now() - from;
  for (const line of lines) line.close();
  times.sort((one, other) => one - other);
  const at = (part: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN;
  return { ms, p50: at(0.5), p99: at(0.99), most: at(1) };
}

async function flatOut(requests: Buffer[], lines: Line[], times: number[]): Promise<void> {
  let next = 0;
  const work = async (line: Line) => {
    for (let bytes = requests[next++]; bytes; bytes = requests[next++]) {
      const from = performance.now();
      await line.ask(bytes);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(lines.map(work));
}

/** Sends what is due at each tick; a call that finds no line free waits, and its time runs. */
async function evenly(requests: Buffer[], lines: Line[], times: number[], rate: number): Promise<void> {
  const from = performance.now();
  const free = [...lines];
  const waiting: { bytes: Buffer; due: number }[] = [];
  let next = 0;
  let left = requests.length;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const send = (line: Line, { bytes, due }: { bytes: Buffer; due: number }): void => {
    line.ask(bytes).then(() => {
      times.push(performance.now() - due);
      left -= 1;
      const more = waiting.shift();
      if (more) send(line, more);
      else free.push(line);
      if (left === 0) resolve();
    }, reject);
  };
  const ticks = setInterval(() => {
    const due = performance.now();
    for (; next < requests.length && next / rate <= (due - from) / 1_000; next++) {
      const call = { bytes: requests[next] as Buffer, due };
      const line = free.pop();
      if (line) send(line, call);
      else waiting.push(call);
    }
  }, TICK_MS);
  try {
    await promise;
  } finally {
    clearInterval(ticks);
  }
}

/** A keep-alive connection that asks one thing at a time. */
type Line = { readonly ask: (bytes: Buffer) => Promise<void>; readonly close: () => void };

async function openLine({ url, rows }: Job): Promise<Line> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  let pieces: Buffer[] = [];
  let bytes = 0;
  let needed = Infinity;
  let asked: PromiseWithResolvers<void> | undefined;
  const fail = (why: string) => asked?.reject(new Error(why));
  socket.on('error', (error) => fail(error.message));
  socket.on('close', () => fail('the connection was closed'));
  socket.on('data', (piece) => {
    pieces.push(piece);
    bytes += piece.length;
    if (needed === Infinity) {
      const head = Buffer.concat(pieces).toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      const length = /\r\ncontent-length: (\d+)/i.exec(head.slice(0, end))?.[1];
      if (end < 0) return;
      if (length === undefined) return fail(`an answer without a length: ${head}`);
      needed = end + 4 + Number(length);
    }
    if (bytes < needed) return;
    const answer = Buffer.concat(pieces);
    [pieces, bytes, needed] = [[], 0, Infinity];
    // A quick look is enough: the books are derived again at the end.
    const wrong = answer.toString('latin1', 9, 12) !== '200' || (rows > 0 && !isPaid(answer, rows));
    if (wrong) fail(`not paid: ${answer.toString('utf8', 0, 2_000)}`);
    else asked?.resolve();
  });
  return {
    ask: (request) => {
      asked = Promise.withResolvers<void>();
      socket.write(request);
      return asked.promise;
    },
    close: () => void socket.destroy(),
  };
}

function isPaid(answer: Buffer, rows: number): boolean {
  return (
    !answer.includes('"problem":') &&
    answer.toString('utf8').split('"state":"done","transfer"').length === rows + 1
  );
}

function request({ rows, hot }: Job): Buffer {
  const payer = anyPayer(hot ? 1 : 0);
  const transfer = () => {
    let to = hot ? (payers[0] as Payer) : anyPayer(0);
    while (to === payer) to = anyPayer(0);
    const amount = { amount: (1 + Math.random() * 9).toFixed(2), currency: 'EUR' };
    return { to: to.email, amount, note: 'Lunch on Friday' };
  };
  if (rows === 0) return post('/v1/transfers', payer, transfer(), newKey());
  const transfers = Array.from({ length: rows }, () => ({ key: newKey(), ...transfer() }));
  return post('/v1/transfers/bulk', payer, { transfers });
}

function post(path: string, { token }: Payer, body: object, key?: string): Buffer {
  const bytes = Buffer.from(JSON.stringify(body));
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    ...(key === undefined ? [] : [`idempotency-key: ${key}`]),
    `content-length: ${bytes.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]);
}

function anyPayer(from: number): Payer {
  return payers[from + Math.floor(Math.random() * (payers.length - from))] as Payer;
}

function newKey(): string {
  return `bench-${process.pid}-${(keys += 1)}`;
}
