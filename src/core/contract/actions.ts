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
  'staff-removed': row('Lost the role among the staff'),

  'accounts-searched': { text: 'Staff looked for accounts', holder: false },
  'account-found': row('Staff found the account in a search'),
  'account-looked-at': row('Staff looked at the account'),
  'timeline-looked-at': row('Staff read the story of the account'),
  'transfer-looked-at': row('Staff looked at a transfer'),
  'transfer-traced': row('Staff traced where money came from and went to'),
  'note-added': row('Staff wrote a note about the account'),

  'cases-listed': { text: 'Staff looked through the support cases', holder: false },
  'case-opened': row('A support case was opened'),
  'case-looked-at': row('Staff read a support case'),
  'case-assigned': row('A support case was given to a member of staff'),
  'case-replied': row('A support case was replied to'),
  'case-closed': row('A support case was closed'),
  'case-reopened': row('A support case was opened again'),
} as const satisfies Record<string, Row>;

export type Action = keyof typeof ACTIONS;

/** An action its holder sees. */
function row(text: string): Row {
  return { text, holder: true };
}
