import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openKeyring } from '../../src/service/identity/keyring.ts';
import { openMailSecrets } from '../../src/service/identity/mail-secrets.ts';
import { authenticator } from '../authenticator.ts';
import { dropDatabase, newDatabase } from '../shared-postgres.ts';

const BINARY = join(import.meta.dirname, '../../bin/okpay.js');
/** What people and operators choose themselves. */
const CHOSEN = {
  'password of staff': 'canary horse battery staple',
  'old password': 'canary otters on a warm raft',
  'new password': 'canary tangerines under a ladder',
  'password of the mail server': 'canary-mail-0815',
  'password of the database': 'canary-base-4711',
};

type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
type Options = { readonly stdin?: string; readonly env?: Record<string, string> };

/** Everything a run of the binary shows to others on the machine, and what it wrote. */
const seen = {
  commandLines: new Set<string>(),
  environmentsOfChildren: new Set<string>(),
  output: [] as string[],
};

/** The processes that a process has started, and those they have. */
function below(pid: number): number[] {
  const found = read(`/proc/${pid}/task/${pid}/children`).split(' ').map(Number).filter(Boolean);
  return found.flatMap((child) => [child, ...below(child)]);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function start(words: readonly string[], home: string, { stdin = '', env = {} }: Options) {
  const child = spawn(process.execPath, [BINARY, ...words], {
    env: { PATH: process.env['PATH'], NO_COLOR: '1', CI: '1', OKPAY_HOME: home, ...env },
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (written.stderr += chunk.toString()));
  child.stdin.on('error', () => undefined).end(stdin);
  const { pid = 0 } = child;
  const look = setInterval(() => {
    const own = read(`/proc/${pid}/cmdline`);
    seen.commandLines.add(own);
    for (const each of below(pid)) {
      // In this order: until a new process becomes the other program it is still okpay, with all that okpay has.
      const commandLine = read(`/proc/${each}/cmdline`);
      seen.commandLines.add(commandLine);
      if (commandLine !== own) seen.environmentsOfChildren.add(read(`/proc/${each}/environ`));
    }
  }, 5);
  const ended = once(child, 'close').then(([code]) => {
    clearInterval(look);
    return { code: code as number | null, ...written };
  });
  return { child, written, ended };
}

/** A mail server that asks for a login, and keeps what it is given. */
async function openMailServer(password: string) {
  const taken: { text: string }[] = [];
  const passwords: unknown[] = [];
  const server = new SMTPServer({
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onAuth: (given, _session, done) => {
      passwords.push(given.password);
      done(given.password === password ? null : new Error('no'), { user: 'okpay' });
    },
    onData: (stream, _session, done) => {
      text(stream).then((message) => {
        taken.push({ text: message });
        done();
      }, done);
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://okpay:${password}@127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    taken,
    passwords,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** The ways a secret may have been written down. */
function formsOf(name: string, secret: string): (string | RegExp)[] {
  // Six digits are found in many numbers: only those that stand alone are meant.
  if (name.startsWith('TOTP code')) return [new RegExp(`(?<![\\d.])${secret}(?!\\d)`)];
  // The prefix of a token says what it is, and may be seen.
  const bare = secret.replace(/^ok[ptd]_/, '');
  const bytes = Buffer.from(bare);
  const forms = [bare, bare.replaceAll('-', ''), encodeURIComponent(bare), JSON.stringify(bare).slice(1, -1)];
  return [
    ...forms,
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}

/** `secret in place` for every secret that is found. */
function search(
  secrets: Readonly<Record<string, string>>,
  places: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const forms = formsOf(name, secret);
    return Object.entries(places).flatMap(([place, text]) =>
      forms.some((form) => (typeof form === 'string' ? text.includes(form) : form.test(text)))
        ? [`${name} in ${place}`]
        : [],
    );
  });
}

describe('secrets of every kind, through the real program (ASVS V13.3.1, V14.2.1, V16.2.5)', () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'okpay-canaries-'));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  /** Runs a command that shows no secret: all it writes is searched later. */
  async function okpay(line: string, options: Options = {}): Promise<Ran> {
    const ran = await start(line.split(' '), home, options).ended;
    seen.output.push(ran.stdout, ran.stderr);
    return ran;
  }
  /** Runs a command that shows a secret on stdout, this once. */
  async function showing(line: string, options: Options = {}): Promise<string> {
    const ran = await start(line.split(' '), home, options).ended;
    seen.output.push(ran.stderr);
    expect(ran).toMatchObject({ code: 0 });
    return ran.stdout;
  }
  const ok = async (line: string, options: Options = {}) =>
    expect(await okpay(line, options), line).toMatchObject({ code: 0 });

  /** Every file below a folder, apart from those of `except`. */
  const filesIn = (folder: string, except: RegExp) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !except.test(path));

  /** The code and the token of the link in a mail. */
  const secretsIn = (mail: string) => ({
    code: /(?<![\w-])[0-9A-Z]{4}-[0-9A-Z]{4}(?![\w-])/.exec(mail)?.[0] ?? '',
    token: /token=3?D?([\w-]{32})/.exec(mail.replaceAll('=\r\n', ''))?.[1] ?? '',
  });
  const mailsOf = (kind: string) =>
    filesIn(join(home, 'outbox'), /^$/)
      .filter((path) => path.endsWith(`.${kind}.eml`))
      .map((path) => readFileSync(path, 'latin1'));
  const sessionOf = (profile: string) =>
    JSON.parse(readFileSync(join(home, 'sessions', `${profile}.json`), 'utf8')) as { token: string };

  test('are where they are meant to be, and nowhere else', async () => {
    const debug = { OKPAY_DEBUG: '1', OKPAY_PROFILE: 'alice' };
    const secrets: Record<string, string> = { ...CHOSEN };
    /** Where a secret is meant to be, for the control; what is only typed is nowhere. */
    const meant: Record<string, string> = {};
    const keep = (name: string, secret: string, place: string) => {
      expect([name, secret.length >= 6]).toEqual([name, true]);
      secrets[name] = secret;
      meant[name] = place;
    };

    const byStaff = { env: { ...debug, OKPAY_PASSWORD: CHOSEN['password of staff'] } };
    await ok('admin staff add --email root@example.com --bootstrap --name Root', byStaff);
    await ok('login --email root@example.com --profile ops', byStaff);
    const totpFile = join(home, 'totp');
    const told = await showing(`2fa enable --profile ops --secret-file ${totpFile} --json`, byStaff);
    const { recoveryCodes } = JSON.parse(told) as { recoveryCodes: string[] };
    for (const [at, code] of recoveryCodes.entries()) keep(`recovery code ${at}`, code, told);
    const totpSecret = readFileSync(totpFile, 'latin1').trim();
    keep('TOTP secret', totpSecret, readFileSync(totpFile, 'latin1'));
    // The first code was of this step, or of the one before.
    const code = authenticator(totpSecret, { used: Math.floor(Date.now() / 30_000) }).next(Date.now());
    secrets['TOTP code'] = code;
    await ok('login --email root@example.com --profile ops --code-stdin', { ...byStaff, stdin: code });
    const used = await okpay('login --email root@example.com --profile ops --code-stdin', {
      ...byStaff,
      stdin: code,
    });
    expect(used.code).toBe(4);
    const recovery = { ...byStaff, stdin: recoveryCodes[0] ?? '' };
    await ok('login --email root@example.com --profile ops --code-stdin', recovery);
    keep('session of staff', sessionOf('ops').token, JSON.stringify(sessionOf('ops')));

    const byAlice = { env: { ...debug, OKPAY_PASSWORD: CHOSEN['old password'] } };
    await ok('register --email alice@example.com --name Alice', byAlice);
    const mailed = (kind: string, what: string, withLink = true) => {
      const [mail = ''] = mailsOf(kind);
      const found = secretsIn(mail);
      keep(`code to ${what}`, found.code, mail);
      if (withLink) keep(`link to ${what}`, found.token, mail.replaceAll('=\r\n', ''));
      return found.code;
    };
    await ok(`verify ${mailed('verify', 'register')}`, { env: debug });
    await ok('login --email alice@example.com', byAlice);
    await ok('email change moved@example.com', byAlice);
    await ok(`email confirm ${mailed('change-email', 'change the address', false)}`, byAlice);
    await ok('password forgot --email moved@example.com', { env: debug });
    await ok(`password reset ${mailed('forgot-password', 'reset')}`, {
      env: { ...debug, OKPAY_NEW_PASSWORD: CHOSEN['new password'] },
    });
    const withNew = { env: { ...debug, OKPAY_PASSWORD: CHOSEN['new password'] } };
    await ok('login --email moved@example.com', withNew);
    const sessionFile = readFileSync(join(home, 'sessions', 'alice.json'), 'utf8');
    keep('session', sessionOf('alice').token, sessionFile);
    const [deviceToken = ''] =
      /okd_[\w-]{43}/.exec(filesIn(join(home, 'sessions'), /^$/).map(read).join('\n')) ?? [];
    keep('device token', deviceToken, filesIn(join(home, 'sessions'), /^$/).map(read).join('\n'));
    const created = await showing('token create ci --scope read --scope pay --daily EUR:5', { env: debug });
    keep('token for programs', created.trim(), created);
    await ok('login --with-token --profile ci', { stdin: created });

    const keysFile = readFileSync(join(home, 'okpay.db.keys'), 'utf8');
    const { keys } = JSON.parse(keysFile) as { keys: Record<string, string> };
    for (const [name, key] of Object.entries(keys)) keep(`key ${name}`, key, keysFile);

    // A mail that cannot go out waits in the database, and is in the backup that is made now.
    const smtpPassword = CHOSEN['password of the mail server'];
    const noServer = { env: { ...debug, OKPAY_SMTP_URL: `smtp://okpay:${smtpPassword}@127.0.0.1:9` } };
    await ok('unlock --email moved@example.com', noServer);
    await ok(`db backup ${join(home, 'waiting.db')}`, noServer);
    const waiting = new DatabaseSync(join(home, 'waiting.db'), { readOnly: true });
    const rows = waiting.prepare('SELECT id, payload FROM outbox').all() as { id: string; payload: string }[];
    waiting.close();
    for (const { id, payload } of rows) {
      const { sealed } = JSON.parse(payload) as { sealed?: string };
      if (sealed === undefined) continue;
      const opened = openMailSecrets(openKeyring(join(home, 'okpay.db.keys')), id, sealed);
      secrets['code of a mail that waits'] = opened['code'] ?? '';
      secrets['link of a mail that waits'] = opened['token'] ?? '';
    }
    expect(secrets['link of a mail that waits']).toMatch(/^[\w-]{32}$/);

    const live: Record<string, string> = {};
    const mail = await openMailServer(smtpPassword);
    const server = start(
      ['serve', '--port', '0', '--metrics-port', '0', '--json', '--log-level', 'info'],
      home,
      { env: { ...debug, OKPAY_SMTP_URL: mail.url } },
    );
    const url = await new Promise<string>((resolve, reject) => {
      server.child.stdout.on('data', () => {
        if (server.written.stdout.includes('}'))
          resolve((JSON.parse(server.written.stdout) as { url: string }).url);
      });
      void server.ended.then(({ stderr }) => reject(new Error(stderr)));
    });
    const { metricsUrl = '' } = JSON.parse(server.written.stdout) as { metricsUrl?: string };
    try {
      await ok(`unlock --email moved@example.com --url ${url}`);
      await expect.poll(() => mail.taken.some(({ text }) => /token=/.test(text))).toBe(true);
      const text = mail.taken.findLast((taken) => /token=/.test(taken.text))?.text ?? '';
      const unlock = secretsIn(text);
      keep('code to unlock', unlock.code, text);
      keep('link to unlock', unlock.token, text.replaceAll('=\r\n', ''));
      const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
      await fetch(`${url}/unlock?token=${unlock.token}`);
      await ok(`unlock ${unlock.code} --url ${url}`);
      await fetch(`${url}/unlock`, { method: 'POST', headers: form, body: `token=${unlock.token}` });

      const by = (secret = '', more = {}) => ({ env: { OKPAY_TOKEN: secret, ...debug, ...more } });
      for (const secret of [secrets['session'], secrets['token for programs']]) {
        for (const line of ['history --json', 'send nobody@example.com 1 EUR --yes'])
          await okpay(`${line} --url ${url}`, by(secret));
        expect((await okpay(`balance --url ${url}`, by(`${secret}x`))).code).toBe(4);
      }
      const headers = { 'content-type': 'application/json' };
      const body = (value: object) => ({ method: 'POST', headers, body: JSON.stringify(value) });
      const password = CHOSEN['old password'];
      await fetch(`${url}/v1/registrations`, body({ email: 'x@example.com', displayName: 'X', password }));
      // Whatever it is, at every wrong place.
      for (const secret of Object.values(secrets)) {
        const encoded = encodeURIComponent(secret);
        const misplaced = { referer: `${url}/${encoded}`, 'user-agent': encoded, cookie: `token=${encoded}` };
        await Promise.all([
          fetch(`${url}/v1/me?token=${encoded}`, { headers: { authorization: `Bearer ${encoded}` } }),
          fetch(`${url}/v1/transfers/${encoded}`, { headers: misplaced }),
          fetch(`${url}/reset?token=${encoded}`, { headers: misplaced }),
          fetch(`${url}/v1/quotes`, { method: 'POST', headers, body: `{"token": "${secret}", ${secret}` }),
          fetch(`${url}/v1/sessions`, body({ email: secret, password: secret, code: secret })),
          fetch(
            `${url}/v1/sessions`,
            body({ email: 'moved@example.com', password: secret, deviceToken: secret }),
          ),
        ]);
      }
      const metrics = await (await fetch(metricsUrl)).text();
      expect(metrics).toContain('okpay_');
      seen.output.push(metrics);
      const staff = by(secrets['session of staff']);
      const bundle = `account moved@example.com --out ${join(home, 'bundle')}`;
      const exports = ['journal --format jsonl', 'transactions --format csv', 'audit --format jsonl', bundle];
      await Promise.all(exports.map((line) => ok(`admin export ${line} --reason audit --url ${url}`, staff)));
      // The files of the database while somebody works with them.
      for (const name of ['okpay.db', 'okpay.db-wal']) {
        live[name] = readFileSync(join(home, name), 'latin1');
        expect(live[name].length).toBeGreaterThan(0);
      }
    } finally {
      server.child.kill('SIGTERM');
      await server.ended;
      await mail.close();
    }
    seen.output.push(server.written.stdout, server.written.stderr);

    const everything = {
      ...debug,
      OKPAY_TOKEN: secrets['session'] ?? '',
      OKPAY_PASSWORD: CHOSEN['old password'],
      OKPAY_NEW_PASSWORD: CHOSEN['new password'],
      OKPAY_TOTP_SECRET: totpSecret,
      OKPAY_SMTP_URL: `smtp://okpay:${smtpPassword}@127.0.0.1:9`,
    };
    await ok(`db backup ${join(home, 'backup.db')}`, { env: everything });
    await okpay('doctor', { env: everything });
    await okpay('help environment', { env: everything });
    // What a program says that breaks, with all of them around it.
    const broken = join(home, 'broken.db');
    writeFileSync(broken, readFileSync(join(home, 'okpay.db')).fill(7, 100, 40_000));
    const ofDatabase = `postgres://okpay:${CHOSEN['password of the database']}@127.0.0.1:9/okpay`;
    const breaks = [
      ['balance', `sqlite:${broken}`],
      ['serve --port 0', ofDatabase],
      ['balance', `${ofDatabase}?nonsense=1`],
    ].map(([line = '', place = '']) => okpay(line, { env: { ...everything, OKPAY_DATABASE_URL: place } }));
    for (const { code: ended } of await Promise.all(breaks)) expect(ended).not.toBe(0);

    const files = filesIn(home, /\/(sessions\/[^/]+|totp|okpay\.db\.keys)$/);
    const isMail = (path: string) => path.endsWith('.eml');
    const places: Record<string, string> = {
      'what was printed and logged': seen.output.join('\n'),
      'environments of children': [...seen.environmentsOfChildren].join('\n'),
      ...live,
      ...Object.fromEntries(
        files.filter((path) => !isMail(path)).map((path) => [path, readFileSync(path, 'latin1')]),
      ),
    };
    for (const name of ['okpay.db', 'backup.db', 'waiting.db'])
      expect(Object.keys(places)).toContain(join(home, name));
    expect(Object.keys(places).filter((path) => path.includes('/bundle/')).length).toBeGreaterThan(3);
    expect(places['what was printed and logged']).toContain('"route":"/v1/me"');
    expect(search(secrets, places)).toEqual([]);

    // A code from a mail is typed as an argument, and used up by that; nothing else is one.
    const commandLines = [...seen.commandLines];
    expect(commandLines.join('\n')).toContain('history');
    const typed = /\0(verify|confirm|reset|unlock)\0[0-9A-Z]{4}-[0-9A-Z]{4}\0/;
    expect(
      search(secrets, { arguments: commandLines.filter((line) => !typed.test(line)).join('\n') }),
    ).toEqual([]);

    // Mails have the code they are for, and no other secret.
    const mails = Object.fromEntries(
      files.filter(isMail).map((path) => [path.replace(/.*mal_\w+\./, ''), '']),
    );
    for (const path of files.filter(isMail))
      mails[path.replace(/.*mal_\w+\./, '')] += readFileSync(path, 'latin1').replaceAll('=\r\n', '');
    const unlockMails = mail.taken.map(({ text }) => text.replaceAll('=\r\n', '')).join('\n');
    // The one that waited may be out by now, and only where it was meant to go.
    const inMails = search(secrets, { ...mails, 'mails by SMTP': unlockMails });
    const waited = /^(code|link) of a mail that waits in mails by SMTP$/;
    expect(inMails.filter((hit) => !waited.test(hit)).toSorted()).toEqual(
      [
        'code to register in verify.eml',
        'link to register in verify.eml',
        'code to change the address in change-email.eml',
        'code to reset in forgot-password.eml',
        'link to reset in forgot-password.eml',
        'code to unlock in mails by SMTP',
        'link to unlock in mails by SMTP',
      ].toSorted(),
    );

    // The controls: the same search finds each where it is meant to be, and in whatever has all of them.
    for (const [name, place] of Object.entries(meant))
      expect(search({ [name]: secrets[name] ?? '' }, { meant: place })).toEqual([`${name} in meant`]);
    const leak = Object.values(secrets).join('\n');
    expect(search(secrets, { leak })).toHaveLength(Object.keys(secrets).length);
    expect(mail.passwords).toContain(smtpPassword);
  }, 60_000);

  test('are not in what a program that okpay starts can see', async () => {
    const databaseUrl = await newDatabase();
    const bin = join(home, 'bin');
    mkdirSync(bin, { recursive: true });
    // Stand where the programs are looked for, and tell what they were given.
    const script = `#!/bin/sh
{ env; echo "$@"; } >> "${join(home, 'given')}"
[ "$1" = --version ] && echo 'pg_dump (PostgreSQL) 99.0' && exit 0
cat "$PGPASSFILE" >> "${join(home, 'kept')}"
exit 1
`;
    for (const program of ['pg_dump', 'pg_restore'])
      writeFileSync(join(bin, program), script, { mode: 0o755 });
    const secrets = {
      OKPAY_TOKEN: 'okt_canary-0815',
      OKPAY_PASSWORD: 'canary-0815',
      OKPAY_TOTP_SECRET: 'canary-0815',
    };
    try {
      const { code } = await okpay(`db backup ${join(home, 'postgres.backup')}`, {
        env: {
          ...secrets,
          OKPAY_PROFILE: 'nobody',
          OKPAY_DATABASE_URL: `${databaseUrl}&password=${CHOSEN['password of the database']}`,
          PATH: `${bin}${delimiter}${process.env['PATH']}`,
        },
      });
      expect(code).not.toBe(0);
    } finally {
      await dropDatabase(databaseUrl);
    }
    expect(existsSync(join(home, 'given'))).toBe(true);
    const given = readFileSync(join(home, 'given'), 'utf8');
    expect(given).toContain('PATH=');
    expect(given).not.toContain('canary-0815');
    expect(
      search(CHOSEN, { given, 'environments of children': [...seen.environmentsOfChildren].join('\n') }),
    ).toEqual([]);
    // The control: the password of the database comes in a file that only its owner can read.
    expect(readFileSync(join(home, 'kept'), 'utf8')).toContain(CHOSEN['password of the database']);
    expect([...seen.environmentsOfChildren].join('\n')).not.toContain('canary-0815');
  }, 60_000);
});
