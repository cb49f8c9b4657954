/** What kind of thing was done, for whoever looks for something in a long list. */
export const ACTIVITY_KINDS = ['login', 'refused', 'change', 'staff'] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

/** What part of an account's story something that was done belongs to. */
export type StoryKind = 'login' | 'change' | 'restriction' | 'withdrawal' | 'staff' | 'note' | 'case';

/**
 * What the audit log can say was done: one row each. `text` is what people read; `holder` says whether the holder it is
 * about sees it among their own activity. What staff did is of the kind `staff` whatever it is. Facts never hold a secret.
 */
type Row = {
  readonly text: string;
  readonly holder: boolean;
  readonly kind: Exclude<ActivityKind, 'staff'>;
  /** What part of the story of the account it belongs to, for staff. */
  readonly story: StoryKind;
};

export const ACTIONS = {
  registered: change('The account was opened'),
  'login-done': login('Logged in'),
  'login-refused': login('A login was refused: the password was not right', { kind: 'refused' }),
  'logout-done': login('Logged out'),
  'session-ended': login('A session was ended'),
  'device-added': change('A device was used for the first time'),
  'device-forgotten': change('A device was forgotten'),
  'unlock-asked': restriction('A mail to unlock the account was asked for'),
  unlocked: restriction('The account was unlocked with a code from a mail'),

  'payee-added': change('A payee was saved'),
  'payee-removed': change('A payee was removed'),
  'token-created': change('A token for programs was made'),
  'token-revoked': change('A token for programs was revoked'),
  'token-used': login('A token for programs was used from a new network'),
  'token-refused': login('A token for programs was turned away: not from that network', { kind: 'refused' }),

  'password-changed': change('The password was changed'),
  'password-change-refused': change('A change of the password was refused: the current one was not right', {
    kind: 'refused',
  }),
  'password-forgotten': change('A mail to set a new password was asked for'),
  'password-reset': change('A new password was set with a code from a mail'),
  'email-change-asked': change('A change of the e-mail address was asked for'),
  'email-changed': change('The e-mail address was changed'),

  'bank-account-added': change('A bank account was added'),
  'bank-account-removed': change('A bank account was removed'),
  'withdrawal-requested': withdrawal('A withdrawal was asked for'),
  'withdrawal-approved': withdrawal('A withdrawal was approved'),
  'withdrawal-batched': withdrawal('A withdrawal was put into a file for the bank'),
  'withdrawal-held-back': withdrawal('A withdrawal was taken out of a file for the bank'),
  'withdrawal-sent': withdrawal('The bank took a withdrawal'),
  'withdrawal-settled': withdrawal('The bank paid a withdrawal'),
  'withdrawal-returned': withdrawal('A withdrawal came back from the bank'),
  'withdrawal-cancelled': withdrawal('A withdrawal was called back'),
  'withdrawal-rejected': withdrawal('A withdrawal was not approved'),
  'withdrawal-failed': withdrawal('The bank refused a withdrawal'),

  'staff-added': staff('Got a role among the staff'),

  'factor-enabled': change('The second factor was turned on'),
  'factor-disabled': change('The second factor was turned off'),
  'factor-refused': login('A code of the second factor was refused', { kind: 'refused' }),
  'recovery-code-used': change('A recovery code was used'),
  'recovery-codes-replaced': change('New recovery codes were made'),
  'session-proved': login('Showed once more who they are'),
  'proof-refused': login('A password that was asked for again was not right', { kind: 'refused' }),
  'confirmation-limit-set': change('The amount above which payments ask for a code was changed'),
  restricted: restriction('Staff restricted what the account may do'),
  'restriction-lifted': restriction('A restriction was lifted'),
  'restriction-expired': restriction('A restriction came to its end'),
  'unlocked-by-staff': restriction('Staff let the account log in again'),
  'act-asked': staff('Staff asked for something that two people decide'),
  'act-approved': staff('A second member of staff agreed to it'),
  'act-refused': staff('A second member of staff refused it'),
  'act-stopped': staff('A login with the second factor stopped what staff had asked for'),
  'act-expired': staff('Nobody decided on what staff had asked for'),
  'act-done': staff('What two members of staff decided was done'),
  'act-failed': staff('What two members of staff decided could not be done'),
  'act-viewed': staff('Staff looked at what was asked for'),
  'staff-removed': staff('Lost the role among the staff'),

  'withdrawals-listed': staff('Staff looked through the withdrawals', { holder: false }),
  'withdrawal-looked-at': staff('Staff looked at a withdrawal'),
  'batch-made': staff('Staff put withdrawals together for the bank', { holder: false }),
  'batch-written': staff('Staff took a file for the bank', { holder: false }),
  'report-imported': staff('Staff imported a status report of the bank', { holder: false }),
  'withdrawal-rules-set': staff('Staff set the rules of withdrawals', { holder: false }),
  'own-account-added': staff('Staff added a bank account of the wallet', { holder: false }),
  'own-account-removed': staff('Staff removed a bank account of the wallet', { holder: false }),
  'account-opened': change('An account in a currency was opened'),
  'account-closed': change('An account in a currency was closed'),
  'rates-imported': staff('Staff took in rates of exchange', { holder: false }),
  'rate-set': staff('Staff set a rate of exchange by hand', { holder: false }),
  'spread-set': staff('Staff set what is kept when money is changed', { holder: false }),

  'accounts-searched': staff('Staff looked for accounts', { holder: false }),
  'account-found': staff('Staff found the account in a search'),
  'account-looked-at': staff('Staff looked at the account'),
  'timeline-looked-at': staff('Staff read the story of the account'),
  'transfer-looked-at': staff('Staff looked at a transfer'),
  'transfer-traced': staff('Staff traced where money came from and went to'),
  'note-added': note('Staff wrote a note about the account'),

  'cases-listed': supportCase('Staff looked through the support cases', { holder: false }),
  'case-opened': supportCase('A support case was opened'),
  'case-looked-at': supportCase('Staff read a support case'),
  'case-assigned': supportCase('A support case was given to a member of staff'),
  'case-replied': supportCase('A support case was replied to'),
  'case-closed': supportCase('A support case was closed'),
  'case-reopened': supportCase('A support case was opened again'),
  'journal-exported': staff('Staff exported the book'),
  'transactions-exported': staff('Staff exported transactions'),
  'audit-exported': staff('Staff exported the audit log'),
  'account-exported': staff('Staff exported the account'),
} as const satisfies Record<string, Row>;

export type Action = keyof typeof ACTIONS;

/** What an action is called; records of a newer version may name others. */
export function actionRow(action: string): Row | undefined {
  const rows: Readonly<Record<string, Row>> = ACTIONS;
  return Object.hasOwn(rows, action) ? rows[action] : undefined;
}

type More = Partial<Pick<Row, 'holder' | 'kind'>>;

function login(text: string, more: More = {}): Row {
  return { text, holder: true, kind: 'login', story: 'login', ...more };
}

function change(text: string, more: More = {}): Row {
  return { text, holder: true, kind: 'change', story: 'change', ...more };
}

function restriction(text: string): Row {
  return { ...change(text), story: 'restriction' };
}

function withdrawal(text: string): Row {
  return { ...change(text), story: 'withdrawal' };
}

function staff(text: string, more: More = {}): Row {
  return { ...change(text, more), story: 'staff' };
}

function note(text: string): Row {
  return { ...change(text), story: 'note' };
}

function supportCase(text: string, more: More = {}): Row {
  return { ...change(text, more), story: 'case' };
}
