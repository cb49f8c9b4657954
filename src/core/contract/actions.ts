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
  'payee-added': row('A payee was saved'),
  'payee-removed': row('A payee was removed'),
  'token-created': row('A token for programs was made'),
  'token-revoked': row('A token for programs was revoked'),
  'token-used': row('A token for programs was used from a new network'),
  'token-refused': row('A token for programs was turned away: not from that network'),
  'staff-added': row('Got a role among the staff'),
} as const satisfies Record<string, Row>;

export type Action = keyof typeof ACTIONS;

/** An action its holder sees. */
function row(text: string): Row {
  return { text, holder: true };
}
