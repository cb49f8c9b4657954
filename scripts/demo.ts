/**
 * The main jobs for real: two people, a bank statement, a payment, a conversion, a withdrawal, the books proved. Runs the same binary a person
 * runs, in `.okpay-demo/` of the clone, made afresh each time. Nothing here prints what a command did not print.
 */
import { execa } from 'execa';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HOME = '.okpay-demo';
const OUTBOX = join(ROOT, HOME, 'outbox');
/** Our account at the bank to rehearse with. */
const OUR_IBAN = 'DE89370400440532013000';
/** Nothing of the one who runs the demo gets into it. */
const UNSET = {
  OKPAY_PROFILE: undefined,
  OKPAY_URL: undefined,
  OKPAY_TOKEN: undefined,
  OKPAY_PASSWORD: undefined,
  OKPAY_TOTP_SECRET: undefined,
  OKPAY_KEYS: undefined,
};
const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
const bold = (text: string) => (colour ? `\u001b[1m${text}\u001b[0m` : text);
const dim = (text: string) => (colour ? `\u001b[2m${text}\u001b[0m` : text);

/** What each profile has in its environment. */
const environments = new Map<string | undefined, Record<string, string>>();

/** Types a command, shows it and what it prints, and stops the demo when it fails. Gives its stdout. */
async function okpay(profile: string | undefined, ...words: string[]): Promise<string> {
  const all = [...words, ...(profile === undefined ? [] : ['--profile', profile])];
  const own = environments.get(profile) ?? {};
  const set = Object.entries(own).map(([name, value]) => `${name}=${value} `);
  console.log(bold(`$ ${set.join('')}okpay ${all.map(quoted).join(' ')}`));
  const child = await execa(process.execPath, [join(ROOT, 'bin', 'okpay.js'), ...all], {
    cwd: ROOT,
    env: { ...UNSET, OKPAY_HOME: HOME, ...own },
    all: true,
    reject: false,
    stdin: 'ignore',
  });
  console.log(`${child.all}\n`);
  if (child.exitCode !== 0) {
    console.error(`The demo stops here: the command ended with exit code ${child.exitCode}.`);
    process.exit(1);
  }
  return child.stdout;
}

function say(text: string): void {
  console.log(dim(`# ${text}`));
}

function quoted(word: string): string {
  return /^[\w@.,:=/+-]+$/.test(word) ? word : `'${word}'`;
}

/** A password as a careful person passes it: in a file that nobody else can read. */
function passwordFile(name: string): string {
  const path = join(HOME, `${name}.password`);
  writeFileSync(join(ROOT, path), `correct horse battery ${name}\n`, { mode: 0o600 });
  return path;
}

/** The code in the newest verification mail of the outbox. */
function newestCode(): string {
  const mail = readdirSync(OUTBOX)
    .filter((name) => name.endsWith('.eml') && name.includes('verify'))
    .sort()
    .at(-1);
  say(`The code is in ${HOME}/outbox/${mail}`);
  const code = /\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(readFileSync(join(OUTBOX, mail ?? ''), 'utf8'));
  return code?.[0] ?? '';
}

async function openAccount(profile: string, name: string): Promise<void> {
  const email = `${profile}@example.com`;
  const password = passwordFile(profile);
  await okpay(profile, 'register', '--email', email, '--name', name, '--password-file', password);
  await okpay(profile, 'verify', newestCode());
  await okpay(profile, 'login', '--email', email, '--password-file', password);
}

/** A day at the bank to rehearse with; gives the files that it wrote. */
async function playBank(...words: string[]): Promise<{ statement: string; report: string }> {
  const folder = join(HOME, 'rehearsal-bank');
  const played = await okpay('ops', 'dev', 'bank', ...words, '--folder', folder, '--json');
  const { files } = JSON.parse(played) as { files: { kind: string; file: string }[] };
  const fileOf = (kind: string) => files.find((each) => each.kind === kind)?.file ?? '';
  return { statement: fileOf('statement'), report: fileOf('report') };
}

rmSync(join(ROOT, HOME), { recursive: true, force: true });
mkdirSync(join(ROOT, HOME), { mode: 0o700 });

say('Somebody has to run the place: the first member of staff is made on the machine itself.');
const ops = passwordFile('ops');
await okpay(
  'ops',
  'admin',
  'staff',
  'add',
  '--bootstrap',
  '--email',
  'ops@example.com',
  '--name',
  'Olga Ops',
  '--password-file',
  ops,
);
await okpay('ops', 'login', '--email', 'ops@example.com', '--password-file', ops);
say(
  'Staff always use a second factor. Here a program has its secret; people scan a QR code: okpay 2fa enable.',
);
const secret = join(HOME, 'ops.totp');
await okpay('ops', '2fa', 'enable', '--password-file', ops, '--secret-file', secret);
environments.set('ops', { OKPAY_TOTP_SECRET: secret });
await okpay('ops', 'login', '--email', 'ops@example.com', '--password-file', ops);
environments.delete('ops');

say('Alice and Bob open accounts; each gets a mail with a code.');
await openAccount('alice', 'Alice Example');
await openAccount('bob', 'Bob Example');

say('Alice pays money in: a bank transfer with her reference comes back to us on the bank’s statement.');
const { reference } = JSON.parse(await okpay('alice', 'deposit', '--json')) as { reference: string };
const { statement } = await playBank('--credit', `${reference}:250.00`, '--debtor', 'Alice Example');
await okpay('ops', 'admin', 'deposit', 'import', statement);
say('The same statement again books nothing twice.');
await okpay('ops', 'admin', 'deposit', 'import', statement);
await okpay('alice', 'balance');

say('What would it cost? Then send it, at exactly those figures.');
await okpay('alice', 'quote', 'bob@example.com', '12.50', 'EUR');
await okpay('alice', 'payee', 'add', 'Bob', 'bob@example.com');
await okpay('alice', 'send', 'Bob', '12.50', 'EUR', '--note', 'Lunch on Friday', '--yes');
await okpay('alice', 'history');
const sent = JSON.parse(await okpay('bob', 'history', '--json')) as { transfers: { id: string }[] };
await okpay('bob', 'why', sent.transfers[0]?.id ?? '');

say('Alice wants dollars: the rate, the spread and what it costs are shown first.');
say('Rates come from the ECB’s files (okpay admin rates fetch). This one is made up, in their form:');
const rates = join(HOME, 'eurofxref.csv');
const yesterday = new Date(Date.now() - 86_400_000);
const day = yesterday.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
writeFileSync(join(ROOT, rates), `Date, USD, JPY, \n${day}, 1.1252, 163.36, \n`);
await okpay('ops', 'admin', 'rates', 'import', rates);
await okpay('alice', 'quote', '20', 'EUR', 'USD');
await okpay('alice', 'convert', '20', 'EUR', 'USD', '--yes');

say(
  'Bob takes money out: on hold from the first moment, in a file for the bank, settled by the bank’s statement.',
);
await okpay('ops', 'admin', 'bank', 'add', OUR_IBAN, 'EUR', '--name', 'Example Pay Ltd');
await okpay(
  'ops',
  'admin',
  'withdrawal',
  'rules',
  '--cool-off',
  '0',
  '--automatic',
  '100',
  '--currency',
  'EUR',
);
await okpay('bob', 'bank', 'add', '--iban', 'NL91ABNA0417164300');
await okpay('bob', 'withdraw', '10', 'EUR', '--yes');
const orders = join(HOME, 'orders');
await okpay('ops', 'admin', 'withdrawal', 'batch', '--out', orders, '--reason', 'Shown how');
const [order = ''] = readdirSync(join(ROOT, orders));
const answers = await playBank(join(orders, order));
await okpay('ops', 'admin', 'withdrawal', 'import', answers.report);
await okpay('ops', 'admin', 'deposit', 'import', answers.statement);
await okpay('bob', 'withdraw', 'list');

say('Does the bank say the same as the book?');
await okpay('ops', 'admin', 'reconcile');

say('Where is every cent? Derive the books again from their entries, and export them.');
await okpay('ops', 'ledger', 'verify');
const journal = join(HOME, 'book.journal');
const reason = ['--reason', 'Shown how the books are exported'];
await okpay('ops', 'admin', 'export', 'journal', '--format', 'hledger', '--out', journal, ...reason);

const { balances } = JSON.parse(await okpay('bob', 'balance', '--json')) as {
  balances: { available: { amount: string } }[];
};
console.log(`Bob has ${balances[0]?.available.amount} EUR. Alice and Bob are logged in as the profiles alice and bob. What to type next:

  export OKPAY_HOME=${HOME}
  npx okpay balance --profile alice
  npx okpay send alice@example.com 2.00 EUR --profile bob
  npx okpay history --profile bob
  npx okpay --help
`);
