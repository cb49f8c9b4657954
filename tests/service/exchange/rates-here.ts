import { parseCurrency } from '../../../src/core/money.ts';
import { timestamp } from '../../../src/service/deps.ts';
import { insertRates } from '../../../src/service/store/rates.ts';
import type { Harness } from '../../harness.ts';

export const DAY = 86_400_000;

/** Puts a rate there, of this instant and good for a day, as two people would have set it. */
export async function rate(harness: Harness, currency: string, value: string): Promise<void> {
  const { deps } = harness.service;
  const at = timestamp(deps.now());
  const row = {
    id: deps.newId('rate'),
    base: 'EUR',
    currency: parseCurrency(currency),
    rate: value,
    at,
    goodUntil: timestamp(deps.now() + DAY),
    source: 'test',
    alone: 0n,
    addedAt: at,
    addedBy: 'system:test',
  } as const;
  await deps.engine.transact((tx) => insertRates(tx, [row]));
}
