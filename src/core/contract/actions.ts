/** What kind of thing was done, for whoever looks for something in a long list. */
export const ACTIVITY_KINDS = ['login', 'refused', 'change', 'staff'] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

/**
 * What the audit log can say was done: one row each. `text` is what people read; `holder` says whether the holder it is
 * about sees it among their own activity. What staff did is of the kind `staff` whatever it is. Facts never hold a secret.
 */
type Row = {
  readonly text: string;
  readonly holder: boolean;
  readonly kind?: Exclude<ActivityKind, 'staff'>;
};

export const ACTIONS = {
  registered: row('The account was opened'),
  'login-done': row('Logged in', 'login'),
  'login-refused': row('A login was refused: the password was not right', 'refused'),
  'logout-done': row('Logged out', 'login'),
  'session-ended': row('A session was ended', 'login'),
  'device-added': row('A device was used for the first time'),
  'device-forgotten': row('A device was forgotten'),
  'unlock-asked': row('A mail to unlock the account was asked for'),
  unlocked: row('The account was unlocked with a code from a mail'),

  'payee-added': row('A payee was saved'),
  'payee-removed': row('A payee was removed'),
  'token-created': row('A token for programs was made'),
  'token-revoked': row('A token for programs was revoked'),
  'token-used': row('A token for programs was used from a new network'),
  'token-refused': row('A token for programs was turned away: not from that network'),

  'password-changed': row('The password was changed'),
  'password-change-refused': row('A change of the password was refused: the current one was not right'),
  'password-forgotten': row('A mail to set a new password was asked for'),
  'password-reset': row('A new password was set with a code from a mail'),
  'email-change-asked': row('A change of the e-mail address was asked for'),
  'email-changed': row('The e-mail address was changed'),

  'staff-added': row('Got a role among the staff'),

  'factor-enabled': row('The second factor was turned on'),
  'factor-disabled': row('The second factor was turned off'),
  'factor-refused': row('A code of the second factor was refused'),
  'recovery-code-used': row('A recovery code was used'),
  'recovery-codes-replaced': row('New recovery codes were made'),
  'session-proved': row('Showed once more who they are'),
  'confirmation-limit-set': row('The amount above which payments ask for a code was changed'),
  restricted: row('Staff restricted what the account may do'),
  'restriction-lifted': row('A restriction was lifted'),
  'restriction-expired': row('A restriction came to its end'),
  'unlocked-by-staff': row('Staff let the account log in again'),
  'act-asked': row('Staff asked for something that two people decide'),
  'act-approved': row('A second member of staff agreed to it'),
  'act-refused': row('A second member of staff refused it'),
  'act-stopped': row('A login with the second factor stopped what staff had asked for'),
  'act-expired': row('Nobody decided on what staff had asked for'),
  'act-done': row('What two members of staff decided was done'),
  'act-failed': row('What two members of staff decided could not be done'),
  'act-viewed': row('Staff looked at what was asked for'),
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
  'journal-exported': row('Staff exported the book'),
  'transactions-exported': row('Staff exported transactions'),
  'audit-exported': row('Staff exported the audit log'),
  'account-exported': row('Staff exported the account'),
} as const satisfies Record<string, Row>;

export type Action = keyof typeof ACTIONS;

/** What an action is called; records of a newer version may name others. */
export function actionRow(action: string): Row | undefined {
  const rows: Readonly<Record<string, Row>> = ACTIONS;
  return Object.hasOwn(rows, action) ? rows[action] : undefined;
}

/** An action its holder sees. */
function row(text: string, kind: Row['kind'] = 'change'): Row {
  return { text, holder: true, kind };
}
