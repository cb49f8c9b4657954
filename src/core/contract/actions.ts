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

  restricted: row('Staff restricted what the account may do'),
  'restriction-lifted': row('A restriction was lifted'),
  'restriction-expired': row('A restriction came to its end'),
  unlocked: row('Staff let the account log in again'),
  'act-asked': row('Staff asked for something that two people decide'),
  'act-approved': row('A second member of staff agreed to it'),
  'act-refused': row('A second member of staff refused it'),
  'act-stopped': row('A login with the second factor stopped what staff had asked for'),
  'act-expired': row('Nobody decided on what staff had asked for'),
  'act-done': row('What two members of staff decided was done'),
  'act-failed': row('What two members of staff decided could not be done'),
  'act-viewed': row('Staff looked at what was asked for'),
} as const satisfies Record<string, Row>;

export type Action = keyof typeof ACTIONS;

/** An action its holder sees. */
function row(text: string): Row {
  return { text, holder: true };
}
