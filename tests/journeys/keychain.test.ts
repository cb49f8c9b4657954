import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const BINARY = join(import.meta.dirname, '../../bin/okpay.js');
const PASSWORD = 'unlikely tangerine ladder';
const isThere = (program: string) => execaSync(program, ['--version'], { reject: false }).exitCode === 0;
const hasSecretService = isThere('dbus-run-session') && isThere('gnome-keyring-daemon');

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'okpay-keychain-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A user's own places, with no desktop around them unless a bus is there. */
const environment = () => ({
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  XDG_RUNTIME_DIR: home,
  OKPAY_HOME: join(home, 'okpay'),
  OKPAY_PASSWORD: PASSWORD,
  CI: '1',
  NO_COLOR: '1',
});
const okpay = (line: string) =>
  execa(process.execPath, [BINARY, ...line.split(' ')], {
    env: environment(),
    extendEnv: false,
    reject: false,
    input: '',
  });
const BOOTSTRAP = 'admin staff add --bootstrap --email root@example.com --name Root';

describe.runIf(process.platform === 'linux')('the keychain of the system', () => {
  test('is refused where there is no Secret Service, and nothing else takes its place', async () => {
    expect((await okpay(BOOTSTRAP)).exitCode).toBe(0);
    const refused = await okpay('login --email root@example.com --keychain');
    expect([refused.exitCode, refused.stdout]).toEqual([11, '']);
    expect(refused.stderr).toMatch(/^The keychain \(Secret Service\) cannot be used: /);
    expect(refused.stderr).toContain('Next: okpay login --no-keychain');
    expect(readdirSync(join(home, 'okpay'))).not.toContain('sessions');
    expect((await okpay('balance')).exitCode).toBe(4);
    expect((await okpay('login --email root@example.com --no-keychain')).exitCode).toBe(0);
    expect((await okpay('balance')).exitCode).toBe(0);
  }, 60_000);

  test.runIf(hasSecretService)(
    'keeps the secret when there is one, and gives it back',
    async () => {
      expect((await okpay(BOOTSTRAP)).exitCode).toBe(0);
      const script = `
      printf x | gnome-keyring-daemon --unlock --components=secrets --daemonize > /dev/null
      okpay() { "$0" "$BINARY" "$@" || echo "exit $?"; }
      okpay login --email root@example.com --keychain --json
      cat "$OKPAY_HOME/sessions/default.json"
      okpay whoami --json; okpay balance --json; okpay login --json; okpay logout --json; okpay whoami`;
      const words = ['--', 'sh', '-c', script, process.execPath];
      const ran = await execa('dbus-run-session', words, {
        env: { ...environment(), BINARY },
        extendEnv: false,
        reject: false,
      });
      expect(ran.stdout).not.toContain('okp_');
      expect(ran.stdout.match(/"tokenFrom": "Secret Service"/g)).toHaveLength(3);
      expect(ran.stdout).toContain('"keychain":"Secret Service"');
      expect(ran.stdout).toContain('"balances": []');
      expect(ran.stdout).toMatch(/"ended": true\n\}\nexit 4$/);
      // gnome-keyring keeps what it has in a file of the user's own, sealed.
      const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.keyring'),
      );
      expect(files).toHaveLength(1);
      expect(readFileSync(join(home, files[0] ?? ''), 'latin1')).not.toContain('okp_');
    },
    60_000,
  );
});
