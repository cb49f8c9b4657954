import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openService, type Settings } from '../../src/service/app.ts';
import { openMailServer, type TakenMail } from '../mail-server.ts';
import { openBalancer } from './balancer.ts';
import { startLoad } from './load.ts';
import { findDamage, prepareHolders, randomFrom, type Attempt } from './payments.ts';
import { startServe, type ServeProcess } from './serve-process.ts';

export type NodesPlan = {
  /** An empty PostgreSQL database. */
  readonly databaseUrl: string;
  readonly seconds: number;
  readonly nodes: number;
  readonly senders: number;
  readonly seed: number;
  /** Starts a node: words for node, from the root of the project; `okpay serve` unless given. */
  readonly server?: readonly string[];
  readonly say?: (line: string) => void;
};

export type NodesReport = {
  readonly kills: number;
  readonly pauses: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** Settled after the last kill, by asking again with the same key. */
  readonly settledLater: number;
  /** Notices that should have been sent, and that were sent more than once (under the same Message-ID). */
  readonly notices: number;
  readonly noticesAgain: number;
  /** What was lost, doubled or changed; empty when all is well. */
  readonly damage: readonly string[];
};

const LONGEST_REST_MS = 900;
const LONGEST_PAUSE_MS = 1_500;
const SETTLE_MS = 60_000;
/** Longer than a lease and a rest of a node. */
const DRAIN_MS = 40_000;

/**
 * Runs several nodes on one database behind a balancer of connections, and while holders pay each other kills nodes at
 * random with SIGKILL, or stops their clocks for a while; each that died is started again. In the end every answer that
 * was given must be true, and every notice that a payment asked for must have been sent, under one id.
 */
export async function killNodes(plan: NodesPlan): Promise<NodesReport> {
  const home = mkdtempSync(join(tmpdir(), 'okpay-nodes-'));
  const random = randomFrom(plan.seed);
  const mail = await openMailServer();
  const balancer = await openBalancer();
  const settings: Settings = {
    databaseUrl: plan.databaseUrl,
    outboxDirectory: join(home, 'outbox'),
    smtpUrl: mail.url,
    publicUrl: 'http://127.0.0.1',
  };
  const nodes: (ServeProcess | undefined)[] = Array.from({ length: plan.nodes }, () => undefined);
  const show = () => balancer.send(nodes.flatMap((node) => (node ? [node.url] : [])));
  const start = async (at: number): Promise<void> => {
    nodes[at] = await startServe(
      {
        OKPAY_HOME: join(home, `node${at}`),
        OKPAY_DATABASE_URL: plan.databaseUrl,
        OKPAY_SMTP_URL: mail.url,
      },
      plan.server,
    );
    show();
  };
  const end = (signal: 'SIGKILL' | 'SIGTERM') => Promise.all(nodes.map(async (node) => node?.end(signal)));
  try {
    const tokens = await prepareHolders(settings, isNotified);
    await Promise.all(nodes.map((_, at) => start(at)));
    const load = startLoad(balancer.url, tokens, plan.senders, random);
    const { kills, pauses } = await torment(plan, nodes, random, async (at) => {
      await nodes[at]?.end('SIGKILL');
      // Stays in the list of the balancer until it is back: it must find out by itself.
      await start(at);
    });
    const settledLater = await load.stop(SETTLE_MS);
    await end('SIGTERM');
    const damage = [...load.contradictions, ...(await findDamage(settings, tokens, load.attempts))];
    // Of a book that is wrong nobody need be told, and the leases of those that were killed last long.
    if (damage.length === 0) await drain(settings);
    const notices = checkNotices(load.attempts, mail.taken);
    return {
      kills,
      pauses,
      acknowledged: load.acknowledged(),
      refused: load.attempts.filter(({ outcome }) => outcome?.startsWith('refused')).length,
      settledLater,
      notices: notices.expected,
      noticesAgain: notices.again,
      damage: damage.length === 0 ? notices.damage : damage,
    };
  } finally {
    await end('SIGKILL');
    await balancer.close();
    await mail.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Kills and pauses nodes until the time is over; waits until all run again. */
async function torment(
  { seconds, say }: NodesPlan,
  nodes: readonly (ServeProcess | undefined)[],
  random: () => number,
  kill: (at: number) => Promise<void>,
): Promise<{ kills: number; pauses: number }> {
  const busy = new Set<number>();
  const work: Promise<void>[] = [];
  let kills = 0;
  let pauses = 0;
  const pause = async (at: number): Promise<void> => {
    nodes[at]?.pause();
    await rest(random() * LONGEST_PAUSE_MS);
    nodes[at]?.resume();
  };
  for (const deadline = Date.now() + seconds * 1_000; Date.now() < deadline;) {
    await rest(100 + random() * LONGEST_REST_MS);
    const at = Math.floor(random() * nodes.length);
    if (busy.has(at)) continue;
    busy.add(at);
    const deed = random() < 0.8 ? ((kills += 1), kill(at)) : ((pauses += 1), pause(at));
    work.push(deed.finally(() => busy.delete(at)));
    if ((kills + pauses) % 20 === 0) say?.(`${kills} kills, ${pauses} pauses`);
  }
  await Promise.all(work);
  return { kills, pauses };
}

/** A quarter of the holders wants mail for money that comes. */
function isNotified(holder: number): boolean {
  return holder % 4 === 0;
}

/** Does what is left in the outbox, as a node that comes later would; waits for the leases of those that were killed. */
async function drain(settings: Settings): Promise<void> {
  const service = await openService({ ...settings, leaseMs: 1_000 });
  try {
    for (const deadline = Date.now() + DRAIN_MS; Date.now() < deadline; await rest(250)) {
      const left = await service.deps.engine.one('SELECT id FROM outbox LIMIT 1');
      if (!left) return;
    }
  } finally {
    await service.close();
  }
}

/** Each payment to somebody who wants mail was told them, under one id however often. */
function checkNotices(
  attempts: readonly Attempt[],
  mails: readonly TakenMail[],
): { expected: number; again: number; damage: string[] } {
  const idsOf = new Map<string, string[]>();
  for (const { id, text } of mails) {
    const transfer = /trf_\w+/.exec(text)?.[0] ?? '';
    idsOf.set(transfer, [...(idsOf.get(transfer) ?? []), id]);
  }
  const damage: string[] = [];
  let expected = 0;
  let again = 0;
  for (const { outcome } of attempts) {
    const [state, transfer = ''] = outcome?.split(' ') ?? [];
    const holder = Number(/usr_(\d+)$/.exec(outcome ?? '')?.[1]);
    if (state !== 'done' || !isNotified(holder)) continue;
    expected += 1;
    const ids = idsOf.get(transfer) ?? [];
    if (ids.length === 0) damage.push(`no notice of ${transfer} was sent`);
    if (new Set(ids).size > 1) damage.push(`notices of ${transfer} went out under ${new Set(ids).size} ids`);
    if (ids.length > 1) again += 1;
  }
  return { expected, again, damage };
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
