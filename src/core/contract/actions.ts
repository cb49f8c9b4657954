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

  'factor-enabled': row('The second factor was turned on'),
  'factor-disabled': row('The second factor was turned off'),
  'factor-refused': row('A code of the second factor was refused'),
  'recovery-code-used': row('A recovery code was used'),
  'recovery-codes-replaced': row('New recovery codes were made'),
  'session-proved': row('Showed once more who they are'),
  'confirmation-limit-set': row('The amount above which payments ask for a code was changed'),
} as const satisfies Record<string, Row>;

export type Action = keyof typeof ACTIONS;

/** An action its holder sees. */
function row(text: string): Row {
  return { text, holder: true };
}
