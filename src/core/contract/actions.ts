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

  'password-changed': row('The password was changed'),
  'password-change-refused': row('A change of the password was refused: the current one was not right'),
  'password-forgotten': row('A mail to set a new password was asked for'),
  'password-reset': row('A new password was set with a code from a mail'),
  'email-change-asked': row('A change of the e-mail address was asked for'),
  'email-changed': row('The e-mail address was changed'),

  'staff-added': row('Got a role among the staff'),
} as const satisfies Record<string, Row>;

export type Action = keyof typeof ACTIONS;

/** An action its holder sees. */
function row(text: string): Row {
  return { text, holder: true };
}
