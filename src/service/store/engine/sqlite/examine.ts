import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { ok, problem, warning, type Finding } from '../../../../core/checks/attempt.ts';

/** A log this long, in bytes, is not written back any more: something has been reading since before it grew. */
const LONG_WAL = 256 * 2 ** 20;
/** Below this nothing can be relied on; below the other it is time to act. In bytes. */
const NO_SPACE = 100 * 2 ** 20;
const LITTLE_SPACE = 2 ** 30;

/** Looks at the files of a database and at the disk they are on. */
export async function examine(path: string): Promise<Finding[]> {
  return [...checkModes(path), checkLog(path), checkSpace(path)];
}

/** Only the user may read them. Windows has no such modes. */
function checkModes(path: string): Finding[] {
  const me = process.getuid?.();
  return ['', '-wal', '-shm'].flatMap((end) => {
    const facts = statSync(`${path}${end}`, { throwIfNoEntry: false });
    if (!facts || me === undefined) return [];
    const name = `${path}${end}`;
    if (facts.uid !== me && me !== 0)
      return [problem(`“${name}” belongs to another user.`, 'Run okpay as its owner.')];
    if ((facts.mode & 0o077) !== 0)
      return [problem(`Others on this machine can read “${name}”.`, `chmod go-rwx '${name}'`)];
    return [];
  });
}

function checkLog(path: string): Finding {
  const bytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  return bytes > LONG_WAL
    ? warning(
        `The write-ahead log is ${size} long.`,
        'End what has been reading for long, such as an export; then restart the server.',
      )
    : ok(`The write-ahead log is ${size} long.`);
}

function checkSpace(path: string): Finding {
  const { bavail, bsize } = statfsSync(dirname(path));
  const free = bavail * bsize;
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const says = `${(free / 1e9).toFixed(1)} GB are free on the disk of the database, which is ${(size / 1e9).toFixed(1)} GB.`;
  if (free < NO_SPACE) return problem(says, 'Make room: without any, payments are refused.');
  if (free < LITTLE_SPACE) return warning(says, 'Make room.');
  // A backup beside it, and the way back from one, each take a whole copy.
  if (free < 2 * size) return warning(says, 'Backups and restores need room for a second copy.');
  return ok(says);
}
