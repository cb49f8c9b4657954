import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Saves a session in the folder that the first word names and kills itself at the Nth call to the file system, N being
 * the second word: before it, or, when that is a write, half-way through it. Prints how many calls there were.
 */
const [config = '', nth = '0', how = 'before'] = process.argv.slice(2);
const { openSession } = await import('../../src/core/session.ts');

let calls = 0;
const die = () => process.kill(process.pid, 'SIGKILL');
const real = { ...fs };
const watched = [
  'chmodSync',
  'mkdirSync',
  'openSync',
  'closeSync',
  'fsyncSync',
  'renameSync',
  'readdirSync',
  'lstatSync',
  'rmSync',
] as const;
for (const name of watched) {
  const call = real[name] as (...given: unknown[]) => unknown;
  Object.assign(fs, {
    [name]: (...given: unknown[]) => {
      calls += 1;
      if (calls === Number(nth)) die();
      return call(...given);
    },
  });
}
// One call of ours, and several to the system: open, write, flush, close.
Object.assign(fs, {
  writeFileSync: (path: string, text: string, { mode, flag }: { mode: number; flag: string }) => {
    const file = fs.openSync(path, flag, mode);
    calls += 1;
    if (calls === Number(nth)) {
      if (how === 'half') real.writeSync(file, text.slice(0, text.length / 2));
      die();
    }
    real.writeSync(file, text);
    fs.fsyncSync(file);
    fs.closeSync(file);
  },
});
syncBuiltinESMExports();

await openSession(config, 'default', {}).save({
  token: 'okp_new',
  session: 'ses_new',
  email: 'ann@example.com',
  expiresAt: '2027-01-01T00:00:00Z',
  place: 'here',
});
process.stdout.write(String(calls));
