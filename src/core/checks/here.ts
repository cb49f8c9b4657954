import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '../journal.ts';
import type { Check } from '../maintenance.ts';
import type { Environment, Places } from '../places.ts';
import type { ProfileStore } from '../profile.ts';
import { openSession } from '../session.ts';
import { okpayVersion } from '../version.ts';
import { attempt, ok, problem, warning } from './attempt.ts';

/** What is looked at on this machine, for this user. */
export type Here = {
  readonly environment: Environment;
  readonly places: Places;
  readonly profile: Pick<ProfileStore, 'name' | 'all'>;
  /** Now, in Unix milliseconds. */
  readonly now: () => number;
};

const OLDEST_NODE = [24, 15] as const;

/** Looks at what every okpay command on this machine stands on: Node, folders, sessions, interrupted payments. */
export async function checkHere(here: Here): Promise<Check[]> {
  const checks = [
    attempt('node', () => checkNode(process.versions.node)),
    attempt('okpay', () => ok(`okpay ${okpayVersion()}.`)),
    attempt('folders', () => checkFolders(here.places)),
    attempt('sessions', () => checkSessions(here)),
    attempt('payments', () => checkPayments(here)),
  ];
  return (await Promise.all(checks)).flat();
}

/** `found` as in process.versions.node. */
export function checkNode(found: string) {
  const [major = 0, minor = 0] = found.split('.').map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  if (isOld)
    return problem(
      `Node.js ${found} is too old; okpay needs ${OLDEST_NODE.join('.')}.`,
      'https://nodejs.org',
    );
  if (major % 2 === 1)
    return warning(`Node.js ${found} is not a long-term release.`, 'Use Node.js 24 or 26.');
  return ok(`Node.js ${found} on ${process.platform} ${process.arch}.`);
}

/** Nobody else may look into what okpay keeps: tokens, mail, the database. */
function checkFolders(places: Places) {
  const folders = [...new Set([places.config, places.data, places.outbox, join(places.config, 'sessions')])];
  const found = folders.flatMap((folder) => {
    const facts = lstatSync(folder, { throwIfNoEntry: false });
    if (!facts) return [];
    if (!facts.isDirectory()) return [problem(`“${folder}” is not a folder.`, 'Move it away.')];
    const theirs = checkOwner(folder, facts);
    return theirs ? [theirs] : [];
  });
  if (found.length > 0) return found;
  const where = places.config === places.data ? places.data : `${places.config} and ${places.data}`;
  return lstatSync(places.data, { throwIfNoEntry: false })
    ? ok(`${where}: for you alone.`)
    : ok(`${where}: nothing there yet.`);
}

/** Undefined when the path is this user's alone. Windows has no such modes. */
function checkOwner(path: string, { uid, mode }: { uid: number; mode: number }) {
  const me = process.getuid?.();
  if (me === undefined) return undefined;
  if (uid !== me && me !== 0) return problem(`“${path}” belongs to another user.`, `Run okpay as its owner.`);
  if ((mode & 0o077) === 0) return undefined;
  return problem(
    `Others on this machine may look into “${path}” (mode ${(mode & 0o777).toString(8)}).`,
    `chmod -R go-rwx '${path}'`,
  );
}

/** The session file of every profile; what is in it is not shown. */
function checkSessions({ environment, places, profile, now }: Here) {
  const names = [...new Set([profile.name, ...Object.keys(profile.all)])];
  let live = 0;
  // Where OKPAY_TOKEN is set no file is read by other commands, but the files are still there.
  for (const name of names) {
    const saved = openSession(places.config, name, {}).saved();
    if (saved && Date.parse(saved.expiresAt) > now()) live += 1;
  }
  const files = `${live} of ${names.length} profiles logged in; session files are safe.`;
  return environment['OKPAY_TOKEN']
    ? warning(
        `OKPAY_TOKEN is set and goes before every saved session. ${files}`,
        'unset OKPAY_TOKEN, if that is not meant.',
      )
    : ok(files);
}

/** Payments that were started here and whose outcome was not seen. */
function checkPayments({ places, profile, now }: Here) {
  const found = profilesWithJournals(places.data).flatMap((name) => {
    const { found: open, damaged } = openJournal(places.data, name, now).list();
    const flag = name === profile.name ? '' : ` --profile ${name}`;
    return [
      ...damaged.map((refusal) => problem(refusal.message, refusal.next)),
      ...(open.length > 0
        ? [
            warning(
              `${open.length} of the payments of profile “${name}” are open: interrupted, or under way.`,
              `okpay pending${flag}`,
            ),
          ]
        : []),
    ];
  });
  return found.length > 0 ? found : ok('No payment was interrupted.');
}

function profilesWithJournals(data: string): string[] {
  try {
    return readdirSync(join(data, 'journal')).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
