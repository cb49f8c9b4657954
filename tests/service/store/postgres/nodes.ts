import { randomBytes } from 'node:crypto';
import { makeIdMaker, type IdMaker } from '../../../../src/core/contract/ids.ts';
import { auditLedger } from '../../../../src/service/ledger/audit.ts';
import type { Intent, Outcome } from '../../../../src/service/ledger/intent.ts';
import { makePoster } from '../../../../src/service/ledger/poster.ts';
import type { Engine } from '../../../../src/service/store/engine/engine.ts';
import { openPostgres, type PostgresOptions } from '../../../../src/service/store/engine/postgres/open.ts';

/** One service node, as far as money is concerned. */
export type Node = {
  readonly engine: Engine;
  readonly newId: IdMaker;
  readonly post: (intent: Intent) => Promise<Outcome>;
};

export async function openNode(options: PostgresOptions): Promise<Node> {
  const engine = await openPostgres(options);
  const poster = makePoster(engine, () => new Date().toISOString());
  return { engine, newId: makeIdMaker(Date.now, randomBytes), post: poster.post };
}

/** What an audit of the whole book finds wrong. */
export async function findings({ engine }: Node): Promise<string[]> {
  const snapshot = await engine.openSnapshot();
  try {
    return (await auditLedger(snapshot)).findings;
  } finally {
    await snapshot.close();
  }
}

export async function balanceOf({ engine }: Node, account: { name: string }): Promise<bigint> {
  const row = await engine.one<{ balance: bigint }>('SELECT balance FROM accounts WHERE name = ?', [
    account.name,
  ]);
  return row?.balance ?? 0n;
}

/** `done`, or the code of what it was refused or failed with. */
export async function word(posting: Promise<Outcome>): Promise<string> {
  try {
    const outcome = await posting;
    return outcome.state === 'refused' ? outcome.refusal.code : outcome.state;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** How often each word was said. */
export async function tally(postings: readonly Promise<Outcome>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const said of await Promise.all(postings.map(word))) counts[said] = (counts[said] ?? 0) + 1;
  return counts;
}

export function times<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}
