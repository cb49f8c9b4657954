import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa, execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { completionNodes } from '../scripts/completion-nodes.ts';
import { renderCompletions } from '../scripts/render-completions.ts';

const ROOT = resolve(import.meta.dirname, '..');
const fileOf = (ending: string) => join(ROOT, 'completions', `okpay.${ending}`);
const has = (program: string) => execaSync('which', [program], { reject: false }).exitCode === 0;

/** What TAB offers at the end of these words, in a bash that has nothing but our file. */
async function inBash(words: readonly string[], environment: Record<string, string> = {}): Promise<string[]> {
  return (await allInBash([words], environment))[0] ?? [];
}

/** The same for many lines of words, one after the other in one bash. */
async function allInBash(
  lines: readonly (readonly string[])[],
  environment: Record<string, string> = {},
): Promise<string[][]> {
  const script = `source "$1"; shift
    while (($#)); do
      COMP_WORDS=("\${@:2:$1}"); COMP_CWORD=$(($1 - 1)); shift $(($1 + 1))
      COMPREPLY=(); _okpay; printf '%s\\n' "\${COMPREPLY[@]}"; printf '\\f\\n'
    done`;
  const words = lines.flatMap((line) => [String(line.length + 1), 'okpay', ...line]);
  const answer = await execa('bash', ['--norc', '-c', script, 'bash', fileOf('bash'), ...words], {
    env: environment,
  });
  expect(answer.stderr).toBe('');
  const offers = answer.stdout.split('\f').slice(0, lines.length);
  return offers.map((offered) => offered.split('\n').filter(Boolean));
}

describe('completions', async () => {
  const nodes = await completionNodes();

  test.each(Object.entries(renderCompletions(nodes)))('okpay.%s is not stale', (ending, text) => {
    const stale = readFileSync(fileOf(ending), 'utf8') !== text;
    expect(stale, 'run: npm run completions').toBe(false);
  });

  test('bash completes a word', async () => {
    expect(await inBash(['ses'])).toEqual(['session']);
    expect(await inBash(['session', ''])).toEqual(['list', 'revoke']);
    expect(await inBash(['--url', 'https://x.example', 'bal'])).toEqual(['balance']);
    expect(await inBash(['completion', 'po'])).toEqual(['powershell']);
    expect(await inBash(['help', 'exit'])).toEqual(['exit-codes']);
  });

  test('bash completes flags, those of the command first', async () => {
    const flags = await inBash(['login', '--email', 'a@example.com', '--']);
    expect(flags).toEqual(expect.arrayContaining(['--email', '--password-file', '--json', '--help']));
    expect(await inBash(['session', 'list', '--js'])).toEqual(['--json']);
    expect(await inBash(['balance', '--email'])).toEqual([]);
  });

  test('bash completes what a flag takes', async () => {
    expect(await inBash(['send', '--fee-from', ''])).toEqual(['sender', 'recipient']);
    expect(await inBash(['login', '--email', ''])).toEqual([]);
    const home = mkdtempSync(join(tmpdir(), 'okpay-completions-'));
    mkdirSync(join(home, 'sessions'));
    for (const name of ['home', 'work', 'odd $(name)', '*'])
      writeFileSync(join(home, 'sessions', `${name}.json`), '');
    expect(await inBash(['--profile', ''], { OKPAY_HOME: home })).toEqual(['home', 'work']);
    expect(await inBash(['admin', 'deposit', 'import', join(home, 'ses')])).toEqual([join(home, 'sessions')]);
  });

  test('bash knows every command and every flag', async () => {
    const typed = nodes.map(({ path }) => (path === '' ? [] : path.split(' ')));
    const offers = await allInBash(
      typed.flatMap((words) => [
        [...words, ''],
        [...words, '--'],
      ]),
    );
    expect(offers).toHaveLength(2 * nodes.length);
    for (const [at, { commands, flags }] of nodes.entries()) {
      expect(offers[2 * at]).toEqual(expect.arrayContaining(commands.map(({ name }) => name)));
      expect(offers[2 * at + 1]).toEqual(flags.map(({ long }) => long));
    }
  });

  test('bash runs nothing of what was typed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'okpay-completions-'));
    const trap = join(folder, 'ran');
    for (const word of [`$(touch ${trap})`, `\`touch ${trap}\``, `; touch ${trap}`, '*', 'a[$(touch x)]'])
      for (const words of [[word], [word, ''], ['send', word, '--'], ['--profile', word]])
        await inBash(words);
    expect(existsSync(trap)).toBe(false);
  });

  test.runIf(has('fish'))('fish completes words, flags and values', async () => {
    const inFish = async (line: string) => {
      const script = `source ${fileOf('fish')}; complete -C '${line}'`;
      const { stdout } = await execa('fish', ['--no-config', '-c', script]);
      return stdout.split('\n').map((row) => row.split('\t')[0]);
    };
    expect(await inFish('okpay ses')).toEqual(['session']);
    expect(await inFish('okpay session ')).toEqual(['list', 'revoke']);
    expect(await inFish('okpay session list --js')).toEqual(['--json']);
    expect((await inFish('okpay send --fee-from ')).sort()).toEqual(['recipient', 'sender']);
  });

  test.runIf(has('zsh'))('zsh reads its file', async () => {
    await execa('zsh', ['-n', fileOf('zsh')]);
  });

  test('okpay completion prints the file', async () => {
    const okpay = (words: string[]) =>
      execa(process.execPath, [join(ROOT, 'bin', 'okpay.js'), ...words], { reject: false });
    expect(`${(await okpay(['completion', 'bash'])).stdout}\n`).toBe(readFileSync(fileOf('bash'), 'utf8'));
    const json = JSON.parse((await okpay(['completion', 'powershell', '--json'])).stdout) as {
      script: string;
    };
    expect(json.script).toBe(readFileSync(fileOf('ps1'), 'utf8'));
    expect(await okpay(['completion', 'tcsh'])).toMatchObject({ exitCode: 2, stdout: '' });
  });
});
