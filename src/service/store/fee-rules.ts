import type { Currency } from '../../core/money.ts';
import type { FeeKind } from '../ledger/fees.ts';
import type { Reader, Writer } from './engine/engine.ts';

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

/** The version in force at an instant: the newest effective date, and of those the one added last. */
export function feeRuleAt(
  db: Reader,
  kind: FeeKind,
  currency: Currency,
  at: string,
): Promise<FeeRuleRow | undefined> {
  return db.one<FeeRuleRow>(
    `SELECT ${COLUMNS} FROM fee_rules WHERE kind = ? AND currency = ? AND effective_from <= ?
      ORDER BY effective_from DESC, id DESC LIMIT 1`,
    [kind, currency, at],
  );
}

/** Every version of every rule, in the order in which they come into force. */
export function allFeeRules(db: Reader): Promise<FeeRuleRow[]> {
  return db.all<FeeRuleRow>(`SELECT ${COLUMNS} FROM fee_rules ORDER BY kind, currency, effective_from, id`);
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
