import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { declare, type Run } from '../../src/commands/declare.ts';
import type { Entry } from '../../src/commands/tree.ts';
import { REFUSALS, Refusal, type RefusalCode } from '../../src/core/contract/refusals.ts';
import { runCommand } from './run-command.ts';

/** A tree with one command, `try`, that does what the test says. */
function treeOf(body: Run<Record<string, unknown>>): Entry[] {
  const command = () => new Command().argument('[word]').option('--deep-flag <value>').option('--on');
  return [{ words: 'try', summary: 'Try', load: async () => declare(command(), body) }];
}

const refusing = (code: RefusalCode, facts = {}) =>
  treeOf(async () => {
    throw new Refusal(code, facts);
  });

describe('what a command is given', () => {
  test('flags and arguments arrive in one object, by their names', async () => {
    let seen: unknown;
    const tree = treeOf(async (_, options) => void (seen = options));
    const { exitCode } = await runCommand(['try', 'a', '--deep-flag', 'b', '--on'], { tree });
    expect(exitCode).toBe(0);
    expect(seen).toEqual({ word: 'a', deepFlag: 'b', on: true });
  });

  test.each([
    [['--json', 'try']],
    [['try', '--json']],
    [['--profile', 'work', 'try', '--json', 'x']],
    [['--profile=work', 'try', '--json']],
  ])('%j: flags of the program are taken anywhere', async (words) => {
    const tree = treeOf(async ({ show }) => show.answer({ ok: 1 }, () => ['people']));
    expect((await runCommand(words, { tree })).stdout).toBe('{\n  "ok": 1\n}\n');
  });

  test('what follows -- is not a flag', async () => {
    const tree = treeOf(async ({ show }, { word }) => show.answer({}, () => [String(word)]));
    expect((await runCommand(['try', '--', '--json'], { tree })).stdout).toBe('--json\n');
  });

  test.each([
    [['--profile', 'flag'], { OKPAY_PROFILE: 'env' }, 'flag'],
    [[], { OKPAY_PROFILE: 'env' }, 'env'],
    [[], { OKPAY_PROFILE: '' }, 'default'],
    [[], {}, 'default'],
  ])('the profile: %j with %j is %s', async (flags, environment, name) => {
    let seen: unknown;
    const tree = treeOf(async ({ profile }) => void (seen = profile.name));
    await runCommand(['try', ...flags], { tree, environment: environment });
    expect(seen).toBe(name);
  });

  test.each(['../../etc', 'A', '', 'a b', '-', 'x'.repeat(33), 'a/b', 'ä'])(
    'the profile name “%s” makes no path',
    async (name) => {
      const outcome = await runCommand(['try', `--profile=${name}`], { tree: treeOf(async () => {}) });
      expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
      expect(outcome.stderr).toContain('--profile');
    },
  );

  test.each([
    'ftp://x',
    'x',
    'https://user:secret@host',
    'http://wallet.example.com',
    'http://127.0.0.1.example.com',
    '',
  ])('the address “%s” is refused', async (url) => {
    const outcome = await runCommand(['try', `--url=${url}`], { tree: treeOf(async () => {}) });
    expect(outcome.exitCode).toBe(2);
    expect(outcome.stderr).toContain('--url');
    expect(outcome.stderr).not.toContain('secret');
  });
});

describe('names that every object of JavaScript has (ASVS V15.3.6)', () => {
  const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

  test.each(NAMES)('“%s” is no command, no flag and no field of one', async (name) => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    for (const words of [
      [name],
      ['help', name],
      ['admin', name],
      ['balance', `--${name}`],
      ['balance', `--${name}=x`],
      ['balance', `--${name}.role`, 'admin'],
      ['send', 'bob@example.com', '1', 'EUR', `--${name}`, 'x'],
    ]) {
      const { exitCode, calls } = await runCommand(words);
      expect([words.join(' '), exitCode, calls]).toEqual([words.join(' '), 2, []]);
    }
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  });

  test.each(NAMES)('a profile called “%s” is one like any other, or none', async (name) => {
    const answers = {
      'get-me': () => {
        throw new Refusal('session_required');
      },
    };
    const { exitCode } = await runCommand(['whoami', '--profile', name], { answers });
    expect([name, exitCode]).toEqual([name, /^[a-z]+$/.test(name) ? 4 : 2]);
    expect({}).not.toHaveProperty('url');
    expect({}).not.toHaveProperty('token');
  });
});

describe('how a run ends', () => {
  test.each(Object.entries(REFUSALS).map(([code, { exit }]) => [code, exit] as const))(
    'the refusal %s ends with exit code %i, in words and as JSON',
    async (code, exit) => {
      const tree = refusing(code as RefusalCode, { next: 'okpay balance' });
      const people = await runCommand(['try'], { tree });
      expect(people).toMatchObject({ exitCode: exit, stdout: '' });
      expect(people.stderr).toContain(new Refusal(code as RefusalCode, { next: 'okpay balance' }).message);
      const machine = await runCommand(['try', '--json'], { tree });
      expect(machine).toMatchObject({ exitCode: exit, stderr: '' });
      expect(JSON.parse(machine.stdout)).toMatchObject({ error: { code } });
    },
  );

  test('the next command to type is the last line', async () => {
    const { stderr } = await runCommand(['try'], { tree: refusing('session_required') });
    expect(stderr).toBe('You are not logged in.\nNext: okpay login\n');
  });

  test('and it is for the same profile and server', async () => {
    const { stderr } = await runCommand(['--profile', 'work', 'try', '--url=https://x.example.com'], {
      tree: refusing('session_required'),
    });
    expect(stderr).toContain('Next: okpay login --profile work --url https://x.example.com\n');
  });

  test('text of other people in a refusal cannot drive the terminal', async () => {
    const { stderr } = await runCommand(['try'], {
      tree: refusing('payee_exists', { name: '\u001b[2Jbob\u202egnp' }),
    });
    expect(stderr).toContain('‹U+001B›[2Jbob‹U+202E›gnp');
  });

  test('an error nobody expected is 1, says so in a sentence, and keeps its stack to itself', async () => {
    const tree = treeOf(async () => {
      throw new TypeError('boom');
    });
    const people = await runCommand(['try'], { tree });
    expect(people).toMatchObject({ exitCode: 1, stdout: '' });
    expect(people.stderr).toContain('boom');
    expect(people.stderr).not.toContain('    at ');
    const machine = await runCommand(['try', '--json'], { tree });
    expect(machine).toMatchObject({ exitCode: 1, stderr: '' });
    expect(JSON.parse(machine.stdout)).toMatchObject({ error: { code: 'unexpected' } });
  });

  test.each([
    [['blance'], 'Unknown command', 'Did you mean balance?'],
    [['session', 'lst'], 'Unknown command', 'Did you mean list?'],
    [['session'], 'needs one more word', 'okpay help session'],
    [['balance', '--jsno'], 'Unknown option', 'Did you mean --json?'],
    [['payee', 'remove'], "Missing required argument 'name'", 'okpay help payee remove'],
    [['balance', 'extra'], 'oo many arguments', 'okpay help balance'],
    [['login', '--email'], 'argument missing', 'okpay help login'],
    [['fees', '--kind', 'x'], 'Allowed choices', 'transfer'],
    [['blance', '--help'], 'Unknown command', 'Did you mean balance?'],
    [['help', 'blance'], 'Unknown command', 'Did you mean balance?'],
    [['blance', 'x', '--profile', 'alice'], 'Unknown command', 'Did you mean balance?'],
  ])('%j is a usage error', async (words, ...sentences) => {
    const people = await runCommand(words);
    expect(people).toMatchObject({ exitCode: 2, stdout: '', calls: [] });
    for (const sentence of sentences) expect(people.stderr).toContain(sentence);
    const machine = await runCommand([...words, '--json']);
    expect(machine).toMatchObject({ exitCode: 2, stderr: '' });
    expect(JSON.parse(machine.stdout)).toMatchObject({ error: { code: 'usage_invalid' } });
  });

  test.each([[[]], [['--help']], [['help']], [['-h']]])('%j shows every command', async (words) => {
    const { exitCode, stdout, stderr } = await runCommand(words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const word of ['register', 'session', 'balance', 'serve', '--profile', 'exit-codes'])
      expect(stdout).toContain(word);
  });

  test.each([[['help', 'payee', 'remove']], [['payee', 'remove', '--help']], [['payee', 'remove', '-h']]])(
    '%j shows one command',
    async (words) => {
      const { exitCode, stdout } = await runCommand(words);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('Usage: okpay payee remove [flags] <name>');
    },
  );

  test('help as JSON is the command tree, flags and all', async () => {
    const { stdout } = await runCommand(['help', '--json']);
    const root = JSON.parse(stdout);
    expect(root).toMatchObject({ words: '' });
    expect(JSON.stringify(root)).toContain('--password-stdin');
    const one = JSON.parse((await runCommand(['help', 'payee', 'remove', '--json'])).stdout);
    expect(one).toMatchObject({ words: 'payee remove', arguments: [{ name: 'name', required: true }] });
    const group = JSON.parse((await runCommand(['session', '--help', '--json'])).stdout);
    expect(group.commands).toMatchObject([{ words: 'session list' }, { words: 'session revoke' }]);
  });

  test('Ctrl-C during a call is 130, in words and as JSON', async () => {
    const tree = treeOf(() => new Promise(() => {}));
    const interrupted = Promise.reject(new Refusal('interrupted'));
    interrupted.catch(() => {});
    expect(await runCommand(['try'], { tree, interrupted })).toMatchObject({
      exitCode: 130,
      stderr: 'Interrupted.\n',
    });
    const machine = await runCommand(['try', '--json'], { tree, interrupted });
    expect(machine.exitCode).toBe(130);
    expect(JSON.parse(machine.stdout)).toMatchObject({ error: { code: 'interrupted' } });
  });
});

describe('questions', () => {
  const asking = treeOf(async ({ io, show }) => {
    const name = await io.ask({ message: 'Name', flag: '--name' });
    await io.confirm({ message: `Really ${name}?`, flag: '--yes' });
    await show.answer({ name }, () => [`Done, ${name}.`]);
  });

  test('without a terminal nothing is asked and the flag is named', async () => {
    const outcome = await runCommand(['try'], { tree: asking });
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toContain('--name is needed');
  });

  test('in CI nothing is asked, terminal or not', async () => {
    const outcome = await runCommand(['try'], { tree: asking, keys: ['x\r'], environment: { CI: 'true' } });
    expect(outcome.exitCode).toBe(2);
    expect(outcome.stderr).toContain('--name is needed: nothing is asked in CI.');
  });

  test('at a terminal the question is on stderr and the answer alone on stdout', async () => {
    const outcome = await runCommand(['try'], { tree: asking, keys: ['bob\r', 'y\r'] });
    expect(outcome).toMatchObject({ exitCode: 0, stdout: 'Done, bob.\n' });
    expect(outcome.stderr).toContain('Name');
  });

  test('no is 2', async () => {
    const outcome = await runCommand(['try'], { tree: asking, keys: ['bob\r', 'n\r'] });
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toContain('Cancelled');
  });

  test('Ctrl-C at a question is 130', async () => {
    const outcome = await runCommand(['try'], { tree: asking, keys: ['\u0003'] });
    expect(outcome).toMatchObject({ exitCode: 130, stdout: '' });
  });
});
