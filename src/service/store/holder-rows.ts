import type { Reader, Row } from './engine/engine.ts';
import { PAGE_SIZE, pages } from './pages.ts';

/**
 * What is kept about a holder beside their money and the audit log. Columns are named one by one: no hash and no sealed
 * secret is among them.
 */
const QUESTIONS = {
  payees: `SELECT id, name, recipient, created_at AS "createdAt" FROM payees WHERE owner = ?`,
  'bank-accounts': `SELECT id, country, currency, holder_name AS "holderName", details, name_check AS "nameCheck",
    added_at AS "addedAt", usable_from AS "usableFrom", removed_at AS "removedAt" FROM bank_accounts WHERE user_id = ?`,
  withdrawals: `SELECT id, state, currency, CAST(paid AS TEXT) AS "paidMinor", CAST(fee AS TEXT) AS "feeMinor",
    CAST(amount AS TEXT) AS "amountMinor", bank_account AS "bankAccount", moves, batch, transfer,
    returned_by AS "returnedBy" FROM withdrawals WHERE user_id = ? AND state <> 'begun'`,
  sessions: `SELECT id, device, device_id AS "deviceId", network, with_factor AS "withFactor", proved_at AS "provedAt",
    created_at AS "createdAt", last_used_at AS "lastUsedAt", expires_at AS "expiresAt" FROM sessions WHERE user_id = ?`,
  devices: `SELECT id, name, created_at AS "createdAt", last_used_at AS "lastUsedAt" FROM devices WHERE user_id = ?`,
  tokens: `SELECT id, name, scopes, caps, payees, networks, plan, created_at AS "createdAt",
    last_used_at AS "lastUsedAt", last_network AS "lastNetwork", expires_at AS "expiresAt" FROM tokens
    WHERE user_id = ?`,
  restrictions: `SELECT id, capability, reason, in_flight AS "inFlight", made_by AS "madeBy", made_at AS "madeAt",
    expires_at AS "expiresAt", lifted_by AS "liftedBy", lifted_at AS "liftedAt", lift_reason AS "liftReason"
    FROM restrictions WHERE user_id = ?`,
  approvals: `SELECT id, act, reason, state, asked_by AS "askedBy", asked_at AS "askedAt", decided_by AS "decidedBy",
    decided_at AS "decidedAt", decision_reason AS "decisionReason", runs_at AS "runsAt" FROM approvals
    WHERE subject = ?`,
  notes: `SELECT id, author, text, created_at AS "createdAt" FROM notes WHERE user_id = ?`,
  cases: `SELECT id, title, state, assigned_to AS "assignedTo", opened_by AS "openedBy", opened_at AS "openedAt",
    closed_at AS "closedAt", close_reason AS "closeReason" FROM cases WHERE user_id = ?`,
  messages: `SELECT id, case_id AS "case", author, text, created_at AS "createdAt",
    CASE from_staff WHEN 1 THEN 'staff' ELSE 'holder' END AS "from" FROM case_messages
    WHERE case_id IN (SELECT c.id FROM cases c WHERE c.user_id = ?)`,
  mails: `SELECT id, kind, subject, sent_at AS "sentAt" FROM sent_mails WHERE user_id = ?`,
} as const;

export type HolderTable = keyof typeof QUESTIONS;

export const HOLDER_TABLES = Object.keys(QUESTIONS) as HolderTable[];

/** The rows of one table that are about a holder, in the order of their ids. */
export function holderRows(
  db: Reader,
  table: HolderTable,
  user: string,
): AsyncGenerator<(Row & { id: string })[]> {
  return pages(
    '',
    ({ id }) => id,
    (after) =>
      db.all<Row & { id: string }>(`${QUESTIONS[table]} AND id > ? ORDER BY id LIMIT ?`, [
        user,
        after,
        PAGE_SIZE,
      ]),
  );
}
