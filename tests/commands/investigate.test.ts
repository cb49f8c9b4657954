import { rmSync } from 'node:fs';
import { execaSync } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Output } from '../../src/core/contract/operations.ts';
import { runCommand } from './run-command.ts';
import { document, openPaying, type Paying } from './paying.ts';
import { audit, fund, person, send } from '../service/money/wallet.ts';
import type { Holder } from '../harness.ts';

const HOSTILE = '\u202Eevil\u001b[31m\u001b]52;c;AAAA\u0007 "name"\\\u200B\r\nBcc: x';
/** What may be in the output of a terminal: our own colours and line ends, and no other control character. */
const FOREIGN = /(?!\n|\u001b\[\d+m)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

let paying: Paying;
let sue: Holder;
let transfer: string;
beforeAll(async () => {
  paying = await openPaying();
  const { harness, alice, bob } = paying;
  sue = await person(harness, 'sue', 'support');
  const { engine } = harness.service.deps;
  await fund(harness, alice, '100.00');
  harness.clock.advance(60_000);
  await engine.transact((tx) => tx.run('UPDATE users SET display_name = ? WHERE id = ?', [HOSTILE, bob.id]));
  const { id } = await alice.client.call(
    'create-transfer',
    { to: bob.email, amount: { amount: '12.50', currency: 'EUR' }, note: HOSTILE.slice(0, 40) },
    { key: 'one' },
  );
  transfer = id;
  harness.clock.advance(60_000);
  await send(bob, paying.carol.email, '2.00 EUR');
  await sue.client.call('add-note', { holder: alice.id, text: HOSTILE, reason: HOSTILE });
  const { id: which } = await alice.client.call('open-case', {
    title: HOSTILE,
    text: `${HOSTILE}\nline two`,
  });
  await sue.client.call('reply-as-staff', { case: which, text: 'An answer', reason: 'the case' });
}, 30_000);
afterAll(async () => {
  await audit(paying.harness);
  await paying.harness.close();
  rmSync(paying.home, { recursive: true, force: true });
});

const why = ['--reason', 'a complaint'];
const okpay = (words: string[], settings = {}) => paying.okpay(words, { as: sue, ...settings });

describe('what staff see', () => {
  const commands = (): [string, string[]][] => [
    ['search', ['admin', 'account', 'search', paying.bob.email, ...why]],
    ['search by amount', ['admin', 'account', 'search', '12.50EUR', ...why]],
    ['show', ['admin', 'account', 'show', paying.alice.id, ...why]],
    ['timeline', ['admin', 'account', 'timeline', paying.alice.email, ...why]],
    ['transfer show', ['admin', 'transfer', 'show', transfer, ...why]],
    ['trace', ['admin', 'transfer', 'trace', transfer, ...why]],
    ['case list', ['admin', 'case', 'list']],
    ['staff list', ['admin', 'staff', 'list']],
  ];

  test('fits a terminal of 80 and of 120 columns, and other people’s text cannot write on it', async () => {
    for (const columns of [80, 120]) {
      for (const [name, words] of commands()) {
        const { exitCode, stdout, stderr } = await okpay(words, { columns });
        expect(exitCode, `${name}: ${stderr}`).toBe(0);
        expect(FOREIGN.exec(stdout)?.[0], name).toBeUndefined();
        for (const line of stdout.replace(/\u001b\[\d+m/g, '').split('\n'))
          if (/\s\S+\s/.test(line))
            expect(line.length, `${name} at ${columns}: ${line}`).toBeLessThanOrEqual(columns);
      }
    }
  });

  test('is exact with --json, as the service gave it', async () => {
    const timeline = document<Output<'look-at-timeline'>>(
      await okpay(['admin', 'account', 'timeline', paying.alice.email, '--kind', 'note', ...why, '--json']),
    );
    expect(timeline.events.map(({ words }) => words)).toEqual([HOSTILE]);
    const view = document<Output<'look-at-transfer'>>(
      await okpay(['admin', 'transfer', 'show', transfer, ...why, '--json']),
    );
    expect(view.transfer.to.name).toBe(HOSTILE);
    expect(
      document<Output<'trace-transfer'>>(
        await okpay(['admin', 'transfer', 'trace', transfer, ...why, '--json']),
      ).rule,
    ).toBe('fifo');
  });

  test('takes a reason: asked for where somebody is, named where nobody is', async () => {
    const words = ['admin', 'account', 'show', paying.alice.id];
    const { exitCode, stderr } = await okpay(words);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--reason is needed')]);
    const asked = await okpay(words, { keys: ['a call\r'] });
    expect(asked.exitCode).toBe(0);
    expect(asked.stderr).toContain('Why?');
  });

  test('of a story is told from the oldest to the newest, with the next page ready to be typed', async () => {
    const { stdout, stderr } = await okpay(
      ['admin', 'account', 'timeline', paying.alice.email, '--limit', '3', '--as-of', '2099-01-01', ...why],
      { columns: 100 },
    );
    const times = [...stdout.matchAll(/^ {2}(\d\d:\d\d) /gm)].map(([, time]) => time);
    expect(times).toEqual([...times].sort());
    expect(stdout).toMatch(/As of .*87\.50 EUR/);
    const next = /What happened before: okpay (.*)$/m.exec(stderr)?.[1] ?? '';
    expect(next).toContain("--reason 'a complaint' --cursor");
    const again = next.replace(/'a complaint'/, 'x').split(' ');
    expect((await okpay(again)).exitCode).toBe(0);
  });

  test('of a trace can be drawn: DOT, with names in quotes they cannot leave', async () => {
    const { stdout } = await okpay(['admin', 'transfer', 'trace', transfer, '--format', 'dot', ...why]);
    expect(stdout).toMatch(/^digraph trace \{\n {2}rankdir=LR;\n/);
    expect(stdout.trimEnd().endsWith('}')).toBe(true);
    // Every line is a node or an arrow, whatever is in a name.
    const text = String.raw`"(?:[^"\\]|\\.)*"`;
    const line = new RegExp(`^ {2}(rankdir=LR;|${text}( -> ${text})? \\[label=${text}[\\w=, ]*\\];)$`);
    for (const each of stdout.split('\n').slice(1, -2)) expect(each).toMatch(line);
    expect(stdout).toContain('‹U+202E›evil');
    expect(stdout).toContain('penwidth=3');
  });
});

test('Graphviz takes it, where it is installed', async ({ skip }) => {
  const { stdout } = await okpay(['admin', 'transfer', 'trace', transfer, '--format', 'dot', ...why]);
  const drawn = execaSync('dot', ['-Tplain'], { input: stdout, reject: false });
  if (drawn.code === 'ENOENT') return skip('there is no dot here');
  expect(drawn.exitCode).toBe(0);
});

describe('a case', () => {
  test('goes from the holder to staff and back, by the commands of both', async () => {
    const { alice, harness } = paying;
    const opened = document<{ id: string }>(
      await paying.okpay(['support', 'open', 'Help', '--text', 'where is it?', '--json']),
    );
    const list = await paying.okpay(['support', 'list']);
    expect(list.stdout).toContain(opened.id);
    expect((await okpay(['admin', 'case', 'assign', opened.id])).stdout).toContain('Sue Example');
    expect((await okpay(['admin', 'case', 'list', '--mine'])).stdout).toContain(opened.id);
    const replied = await okpay(['admin', 'case', 'reply', opened.id, '--text-file', '-'], {
      stdin: 'Here.\n',
    });
    const code = /OKP(-\w{4}){3}/.exec(replied.stdout)?.[0] ?? '';
    const mail = await harness.nextMail(alice.email, 'case-reply');
    expect(mail.text).toBeDefined();
    const verified = await runAs(['support', 'verify', code]);
    expect(verified.exitCode).toBe(0);
    expect(verified.stdout).toContain('This code is ours.');
    const shown = await paying.okpay(['support', 'show', opened.id]);
    expect(shown.stdout).toMatch(/OKpay support .*\n {2}Here\./);
    expect(shown.stdout).not.toContain('Sue');
    await paying.okpay(['support', 'reply', opened.id, '--text', 'Thanks']);
    expect((await okpay(['admin', 'case', 'show', opened.id])).stdout).toContain('Thanks');
    expect((await okpay(['admin', 'case', 'close', opened.id, ...why])).exitCode).toBe(0);
    expect((await paying.okpay(['support', 'list', '--state', 'closed'])).stdout).toContain(opened.id);
  });

  test('shows a code that is not ours for what it is, with an exit code', async () => {
    const { exitCode, stdout, stderr } = await runAs(['support', 'verify', 'OKP-0000-0000-0000']);
    expect([exitCode, stderr]).toEqual([5, '']);
    expect(stdout).toContain('Not ours');
    const json = await runAs(['support', 'verify', 'OKP-0000-0000-0000', '--json']);
    expect([json.exitCode, document(json)]).toEqual([5, { genuine: false }]);
  });

  /** As somebody who is not logged in. */
  const runAs = (words: string[]) => paying.okpay(words, { environment: { OKPAY_TOKEN: '' } });
});

test('a member of staff is removed by a command that says what ended', async () => {
  const ada = await person(paying.harness, 'ada', 'admin');
  const gone = await person(paying.harness, 'gone', 'viewer');
  const { exitCode, stdout } = await paying.okpay(['admin', 'staff', 'remove', gone.email, ...why], {
    as: ada,
  });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('sessions and tokens have ended');
});

test('what cannot be read is a usage error that says so', async () => {
  const outcome = async (...words: string[]) => {
    const { exitCode, stderr } = await runCommand(words);
    return [exitCode, stderr];
  };
  expect(await outcome('admin', 'account', 'search', '--amount', 'much', ...why)).toEqual([
    2,
    expect.stringContaining('12.50EUR'),
  ]);
  expect(await outcome('support', 'open', 'x', '--text', 'a', '--text-file', 'b')).toEqual([
    2,
    expect.stringContaining('not both'),
  ]);
  expect(await outcome('support', 'open', 'x', '--text-file', '/no/such/file')).toEqual([
    2,
    expect.stringContaining('ENOENT'),
  ]);
  expect(await outcome('admin', 'transfer', 'trace', 'trf_x', '--depth', '11', ...why)).toEqual([
    2,
    expect.stringContaining('from 1 to 10'),
  ]);
});
