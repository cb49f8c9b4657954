import type { Currency } from '../../core/money.ts';
import type { FeeKind } from '../ledger/fees.ts';
import type { Question, Reader, Writer } from './engine/engine.ts';
import { rowsOf } from './lists.ts';

export type FeeRuleRow = {
  id: string;
  kind: FeeKind;
  currency: Currency;
  basisPoints: bigint;
  fixed: bigint;
  minimum: bigint;
  maximum: bigint | null;
  effectiveFrom: string;
};

const COLUMNS = `id, kind, currency, basis_points AS "basisPoints", fixed, minimum, maximum,
  effective_from AS "effectiveFrom"`;

/** Every version of the rules of a kind, by currency, in the order in which they come into force. */
const VERSIONS: Readonly<Record<FeeKind, Question>> = {
  transfer: versionsOf('transfer'),
  conversion: versionsOf('conversion'),
  merchant: versionsOf('merchant'),
  withdrawal: versionsOf('withdrawal'),
};

function versionsOf(kind: FeeKind): Question {
  return {
    sql: (are) =>
      `SELECT ${COLUMNS} FROM fee_rules WHERE kind = '${kind}' AND ${are('currency')}
        ORDER BY kind, currency, effective_from, id`,
    key: 'currency',
  };
}

/** The versions in force at an instant, one for a currency: of the newest effective date, the one added last. */
export async function feeRulesAt(
  db: Reader,
  kind: FeeKind,
  currencies: readonly Currency[],
  at: string,
): Promise<FeeRuleRow[]> {
  const inForce = new Map<Currency, FeeRuleRow>();
  // There are as many versions as the operator ever announced: a handful.
  for (const rule of await rowsOf<FeeRuleRow>(db, VERSIONS[kind], currencies))
    if (rule.effectiveFrom <= at) inForce.set(rule.currency, rule);
  return [...inForce.values()];
}

/** Every version of every rule, in the order in which they come into force. */
export function allFeeRules(db: Reader): Promise<FeeRuleRow[]> {
  return db.all<FeeRuleRow>(`SELECT ${COLUMNS} FROM fee_rules ORDER BY kind, currency, effective_from, id`);
}

/** How many versions of a rule come into force after an instant. */
export async function countFeeRulesAfter(
  db: Reader,
  kind: FeeKind,
  currency: Currency,
  at: string,
): Promise<bigint> {
  const row = await db.one<{ count: bigint }>(
    'SELECT COUNT(*) AS count FROM fee_rules WHERE kind = ? AND currency = ? AND effective_from > ?',
    [kind, currency, at],
  );
  return row?.count ?? 0n;
}

export async function insertFeeRule(
  tx: Writer,
  rule: FeeRuleRow & { createdAt: string; createdBy: string },
): Promise<void> {
  await tx.run(
    `INSERT INTO fee_rules (id, kind, currency, basis_points, fixed, minimum, maximum, effective_from, created_at,
      created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      rule.id,
      rule.kind,
      rule.currency,
      rule.basisPoints,
      rule.fixed,
      rule.minimum,
      rule.maximum,
      rule.effectiveFrom,
      rule.createdAt,
      rule.createdBy,
    ],
  );
}
