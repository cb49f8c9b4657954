/**
 * What the audit log can say was done: one row each. `text` is what people read; `holder` says whether the holder it is
 * about sees it among their own activity. Facts never hold a secret.
 */
type Row = { readonly text: string; readonly holder: boolean };

export const ACTIONS = {
  registered: row('The account was opened'),
  'login-done': row('Logged in'),
  'login-refused': row('A login was refused: the password was not right'),
  'logout-done': row('Logged out'),
  'session-ended': row('A session was ended'),
  'staff-added': row('Got a role among the staff'),
  'journal-exported': row('Staff exported the book'),
  'transactions-exported': row('Staff exported transactions'),
  'audit-exported': row('Staff exported the audit log'),
  'account-exported': row('Staff exported the account'),
} as const satisfies Record<string, Row>;

export type Action = keyof typeof ACTIONS;

/** An action its holder sees. */
function row(text: string): Row {
  return { text, holder: true };
}
