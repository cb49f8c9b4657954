import type { Output } from '../../core/contract/operations.ts';
import { toWire } from '../../core/money.ts';
import type { Deps } from '../deps.ts';
import { cameBy, wentBy, type Portion } from '../ledger/first-in-first-out.ts';
import { movementsBeside } from '../ledger/movements.ts';
import { paymentsByIds, type TransferView } from '../ledger/read.ts';
import { labelOf } from './show-to-staff.ts';

type Branch = Output<'trace-transfer'>['branches'][number];
type Side = Branch['side'];

/** Transfers that are shown under one; more are counted together. */
const MOST_CHILDREN = 12;
/** Transfers that are shown altogether. */
const MOST_BRANCHES = 100;

/** A transfer whose money is to be followed: the part of it, counted in what it took out or put in. */
type Open = {
  readonly number: number;
  readonly depth: number;
  readonly side: Side;
  readonly row: TransferView;
  readonly offset: bigint;
  readonly amount: bigint;
};

/**
 * Follows the money of a transfer from account to account, first in, first out, level by level. What is looked at is
 * bounded: so many levels, so many transfers, and so many movements of each account. Gives also the holders it met.
 */
export async function traceMoney(
  { engine }: Pick<Deps, 'engine'>,
  root: TransferView,
  { sides, depth }: { readonly sides: readonly Side[]; readonly depth: number },
): Promise<{ branches: Branch[]; holders: string[] }> {
  const branches: Branch[] = [];
  const holders = new Set<string>();
  const meet = ({ fromOwner, toOwner }: TransferView) => {
    for (const owner of [fromOwner, toOwner]) if (owner !== null) holders.add(owner);
  };
  meet(root);
  const open: Open[] = sides.map((side) => ({
    number: 0,
    depth: 0,
    side,
    row: root,
    offset: 0n,
    amount: side === 'from' ? root.paid : root.received,
  }));
  let transfers = 0;
  for (let next = open.shift(); next; next = open.shift()) {
    if (endOf(next) !== undefined) continue;
    if (next.depth === depth || transfers >= MOST_BRANCHES) {
      const end = next.depth === depth ? 'depth' : 'limit';
      const at = branches.findIndex(({ number }) => number === next.number);
      const branch = branches[at];
      if (branch) branches[at] = { ...branch, end };
      continue;
    }
    const { side } = next;
    const currency = side === 'from' ? next.row.fromCurrency : next.row.toCurrency;
    const { portions, rest, whole } = await sharesOf(engine, next);
    const { listed, others } = largest(portions, Math.min(MOST_CHILDREN, MOST_BRANCHES - transfers));
    const rows = new Map(
      (
        await paymentsByIds(
          engine,
          listed.map(({ transfer }) => transfer),
        )
      ).map((row) => [row.id, row]),
    );
    const add = (branch: Omit<Branch, 'number' | 'parent' | 'side'>): number => {
      const number = branches.length + 1;
      branches.push({ number, parent: next.number, side, ...branch });
      return number;
    };
    for (const portion of listed) {
      const row = rows.get(portion.transfer);
      if (!row) continue;
      transfers += 1;
      meet(row);
      const { feePart: fee, ...reached } = reachedBy(side, row, portion);
      const child = { depth: next.depth + 1, side, row, ...reached };
      const end = endOf(child);
      const amount = toWire(portion.amount, currency);
      const number = add({
        is: 'transfer',
        amount,
        ...(fee > 0n ? { fee: toWire(fee, currency) } : {}),
        transfer: describe(row),
        ...(end ? { end } : {}),
      });
      open.push({ ...child, number });
    }
    if (others.length > 0) {
      const sum = others.reduce((all, { amount }) => all + amount, 0n);
      add({ is: 'others', amount: toWire(sum, currency), count: others.length });
    }
    if (rest > 0n) add({ is: side === 'to' && whole ? 'kept' : 'unknown', amount: toWire(rest, currency) });
  }
  return { branches, holders: [...holders] };
}

async function sharesOf(engine: Deps['engine'], { side, row, offset, amount }: Open) {
  const account = side === 'from' ? row.fromAccount : row.toAccount;
  const movements = await movementsBeside(engine, account, row.id, side === 'from' ? 'before' : 'after');
  if (!movements) return { portions: [], rest: amount, whole: false };
  const shares = side === 'from' ? cameBy(movements, offset, amount) : wentBy(movements, offset, amount);
  return { ...shares, whole: movements.whole };
}

/**
 * The part of a portion that gets to the account on the other side, in the currency there, and how much of it was the fee: a fee
 * is taken from the end of what is paid. What was exchanged goes over in proportion, each boundary rounded down.
 */
function reachedBy(side: Side, { paid, fee, received }: TransferView, { offset, amount }: Portion) {
  const exchanged = paid - fee;
  const [have, get] = side === 'from' ? [received, exchanged] : [exchanged, received];
  const end = offset + amount;
  const [from, to] = [offset < have ? offset : have, end < have ? end : have];
  const at = (from * get) / have;
  return { offset: at, amount: (to * get) / have - at, feePart: amount - (to - from) };
}

/** Why a transfer's money is not followed: it is outside the accounts of holders, or it was a fee. */
function endOf({ side, row, amount }: Omit<Open, 'number'>): 'outside' | 'fee' | undefined {
  const kind = side === 'from' ? row.fromKind : row.toKind;
  if (kind !== 'holder') return 'outside';
  return amount === 0n ? 'fee' : undefined;
}

/** The largest portions in the order they have, and the others. */
function largest(portions: readonly Portion[], most: number) {
  const bySize = portions.toSorted((one, other) => (one.amount < other.amount ? 1 : -1));
  const chosen = new Set(bySize.slice(0, most));
  return {
    listed: portions.filter((each) => chosen.has(each)),
    others: portions.filter((each) => !chosen.has(each)),
  };
}

function describe(row: TransferView): NonNullable<Branch['transfer']> {
  return {
    id: row.id,
    kind: row.kind,
    at: row.at,
    from: labelOf({
      name: row.fromName,
      kind: row.fromKind,
      owner: row.fromOwner,
      ownerName: row.fromOwnerName,
    }),
    to: labelOf({ name: row.toName, kind: row.toKind, owner: row.toOwner, ownerName: row.toOwnerName }),
    paid: toWire(row.paid, row.fromCurrency),
    received: toWire(row.received, row.toCurrency),
  };
}
