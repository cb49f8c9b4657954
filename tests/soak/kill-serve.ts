import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OkpayClient } from '../../src/core/client.ts';
import { networkTransport } from '../../src/core/transport/network.ts';
import { findDamage, HOLDERS, prepareHolders, quote, randomFrom, settle, type Attempt } from './payments.ts';
import { startServe } from './serve-process.ts';

export type KillPlan = {
  readonly kills: number;
  readonly senders: number;
  readonly seed: number;
  /** Starts the server to be killed: words for node, from the root of the project. */
  readonly server?: readonly string[];
  readonly say?: (line: string) => void;
};

export type KillReport = {
  readonly kills: number;
  readonly acknowledged: number;
  readonly settledLater: number;
  readonly refused: number;
  /** What the checker found wrong; empty when nothing was lost, doubled or changed. */
  readonly damage: readonly string[];
};

/**
 * Kills a server without warning, again and again, while holders send each other money over HTTP; what was cut off is
 * asked for again under its key at the next server. In the end every answer that was given must still be true: each
 * acknowledged transfer is there once with the same figures, no key has two outcomes, no transfer is there that nobody
 * was told of, and the book is sound.
 */
export async function killServer(plan: KillPlan): Promise<KillReport> {
  const home = mkdtempSync(join(tmpdir(), 'okpay-kill-'));
  const random = randomFrom(plan.seed);
  try {
    const tokens = await prepareHolders(settingsOf(home));
    const attempts: Attempt[] = [];
    let settledLater = 0;
    let opened = 0;
    for (let kill = 0; kill <= plan.kills; kill++) {
      const server = await startServe({ OKPAY_HOME: home }, plan.server);
      const clients = tokens.map((token) => new OkpayClient(networkTransport(server.url), token));
      const open = attempts.filter((attempt) => attempt.outcome === undefined);
      for (const attempt of open) {
        if (await settle(clients[attempt.owner] as OkpayClient, attempt)) settledLater += 1;
      }
      if (kill === plan.kills) {
        await Promise.all(clients.map((client) => client.close()));
        await server.end('SIGTERM');
        break;
      }
      let running = true;
      const load = Array.from({ length: plan.senders }, async () => {
        while (running) {
          const owner = Math.floor(random() * HOLDERS);
          const client = clients[owner] as OkpayClient;
          const attempt = await quote(client, owner, `key-${++opened}`, random);
          if (!attempt) continue;
          attempts.push(attempt);
          await settle(client, attempt);
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 40 + random() * 160));
      running = false;
      await server.end('SIGKILL');
      await Promise.all(load);
      await Promise.all(clients.map((client) => client.close()));
      if ((kill + 1) % 50 === 0) plan.say?.(`${kill + 1} kills, ${attempts.length} payments tried`);
    }
    const damage = await findDamage(settingsOf(home), tokens, attempts);
    return {
      kills: plan.kills,
      acknowledged: attempts.filter(({ outcome }) => outcome?.startsWith('done')).length,
      settledLater,
      refused: attempts.filter(({ outcome }) => outcome?.startsWith('refused')).length,
      damage,
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function settingsOf(home: string) {
  return {
    databaseUrl: `sqlite:${join(home, 'okpay.db')}`,
    outboxDirectory: join(home, 'outbox'),
    publicUrl: 'http://127.0.0.1',
  };
}
