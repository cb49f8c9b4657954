import type { Output } from '../../core/contract/operations.ts';
import { facts, type Block } from './blocks.ts';
import type { Pen } from './pen.ts';

/** An account in one currency. */
export function accountBlocks(account: Output<'open-account'>, pen: Pen): Block[] {
  const { currency, state, balance, held, available } = account;
  return [
    state === 'open'
      ? `Your account in ${pen.strong(pen.text(currency))} is open.`
      : `Your account in ${pen.strong(pen.text(currency))} is closed: it takes no money until you open it again.`,
    state === 'open'
      ? facts(['Balance', pen.money(balance)], ['Held', pen.money(held)], ['Available', pen.money(available)])
      : undefined,
  ];
}
