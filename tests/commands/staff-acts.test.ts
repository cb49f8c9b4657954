import { describe, expect, test } from 'vitest';
import type { Output } from '../../src/core/contract/operations.ts';
import { runCommand } from './run-command.ts';

const AT = '2026-03-02T09:00:00.000Z';
const holder = { id: 'usr_1', name: 'Alice \u001b[31mExample' };
const approval: Output<'get-approval'> = {
  id: 'apr_1',
  act: 'adjustment',
  holder,
  input: { amount: '5.00', currency: 'EUR', direction: 'credit' },
  reason: 'a fee was wrong',
  state: 'asked',
  askedBy: 'usr_2',
  askedAt: AT,
};
const restriction: Output<'lift-restriction'> = {
  id: 'rst_1',
  capability: 'send',
  reason: 'stolen',
  inFlight: 'freeze',
  madeBy: 'usr_2',
  madeAt: AT,
};

describe('staff who act', () => {
  test('restrict takes several capabilities and says what holds now', async () => {
    const { exitCode, stdout, calls } = await runCommand(
      ['admin', 'restrict', 'alice@example.com', '--capability', 'send', 'log-in', '--reason', 'stolen'],
      { answers: { 'restrict-account': { holder, restrictions: [restriction] } } },
    );
    expect(exitCode).toBe(0);
    expect(calls[0]?.input).toEqual({
      holder: 'alice@example.com',
      capabilities: ['send', 'log-in'],
      reason: 'stolen',
      inFlight: 'freeze',
    });
    expect(stdout).toContain('rst_1');
    expect(stdout).not.toContain('\u001b[31m');
  });

  test('lift names the restriction', async () => {
    const lifted = { ...restriction, liftedBy: 'usr_3', liftedAt: AT, liftReason: 'found' };
    const { stdout, calls } = await runCommand(['admin', 'lift', 'rst_1', '--reason', 'found'], {
      answers: { 'lift-restriction': lifted },
    });
    expect(calls[0]?.input).toEqual({ restriction: 'rst_1', reason: 'found' });
    expect(stdout).toContain('The restriction is lifted.');
  });

  test.each([
    [['admin', 'unlock', 'alice@example.com'], 'unlock-account', { holder, approval }],
    [['admin', 'factor', 'reset', 'alice@example.com'], 'reset-factor', approval],
    [
      ['admin', 'adjust', 'alice@example.com', '5', 'EUR', '--direction', 'credit'],
      'adjust-balance',
      approval,
    ],
    [['admin', 'reverse', 'trf_1'], 'reverse-transfer', approval],
    [['admin', 'approval', 'show', 'apr_1'], 'get-approval', approval],
    [['admin', 'approval', 'approve', 'apr_1'], 'approve-act', approval],
    [['admin', 'approval', 'refuse', 'apr_1'], 'refuse-act', approval],
  ] as const)('%s shows what waits for whom', async (words, operation, answer) => {
    const asked = await runCommand([...words, '--reason', 'because'], { answers: { [operation]: answer } });
    expect(asked.exitCode).toBe(0);
    expect(asked.calls[0]).toMatchObject({ operation, input: { reason: 'because' } });
    expect(asked.stdout).toContain('It waits for a second person.');
    expect(asked.stdout).toContain('okpay admin approval approve apr_1 --reason TEXT');

    const silent = await runCommand(words, { answers: { [operation]: answer } });
    expect(silent.exitCode).toBe(2);
    expect(silent.stderr).toContain('--reason');
    expect(silent.calls).toEqual([]);
  });

  test('restrict takes the last day too, which is inside', async () => {
    const words = ['admin', 'restrict', 'alice@example.com', '--capability', 'send', '--reason', 'x'];
    const answers = { 'restrict-account': { holder, restrictions: [restriction] } };
    const { calls } = await runCommand([...words, '--expires', '2026-12-01'], { answers });
    expect(calls[0]?.input).toMatchObject({ expiresAt: new Date(2026, 11, 2).toISOString() });
    const typo = await runCommand([...words, '--expires', 'tomorrow'], { answers });
    expect([typo.exitCode, typo.calls]).toEqual([2, []]);
    expect(typo.stderr).toContain('--expires takes a day');
  });

  test('account show names the restrictions that lift takes', async () => {
    const { id, capability, reason, madeAt: since } = restriction;
    const account: Output<'look-at-account'> = {
      holder: {
        ...holder,
        email: 'alice@example.com',
        level: 'basic',
        depositReference: 'OK123',
        createdAt: AT,
      },
      balances: [],
      holds: [],
      restrictions: [{ id, capability, reason, since }],
      secondFactor: 'off',
      sessions: 1,
      tokens: 0,
      devices: 1,
      payees: 0,
      notes: [],
      cases: [],
    };
    const { stdout } = await runCommand(['admin', 'account', 'show', 'usr_1', '--reason', 'x'], {
      answers: { 'look-at-account': account },
    });
    expect(stdout).toContain('rst_1');
  });

  test('unlock says so when nothing had to be asked', async () => {
    const { stdout } = await runCommand(['admin', 'unlock', 'alice@example.com', '--reason', 'called'], {
      answers: { 'unlock-account': { holder } },
    });
    expect(stdout).toContain('may log in at once');
  });

  test('reverse takes a part with its currency', async () => {
    const part = await runCommand(['admin', 'reverse', 'trf_1', '5', 'EUR', '--reason', 'x'], {
      answers: { 'reverse-transfer': approval },
    });
    expect(part.calls[0]?.input).toEqual({
      transfer: 'trf_1',
      amount: { amount: '5', currency: 'EUR' },
      reason: 'x',
    });
    expect((await runCommand(['admin', 'reverse', 'trf_1', '5', '--reason', 'x'])).exitCode).toBe(2);
  });

  test('approval list is a table with the way to the next page', async () => {
    const words = ['admin', 'approval', 'list', '--state', 'asked', '--profile', 'boss'];
    const { stderr, calls } = await runCommand(words, {
      answers: { 'list-approvals': { approvals: [approval], nextCursor: 'apr_0' } },
    });
    expect(calls[0]?.input).toEqual({ state: 'asked' });
    expect(stderr).toContain('okpay admin approval list --state asked --cursor apr_0 --profile boss');
    const done = { ...approval, state: 'done', decidedBy: 'usr_3', result: { transfer: 'trf_9' } };
    const shown = await runCommand(['admin', 'approval', 'show', 'apr_1', '--reason', 'x'], {
      answers: { 'get-approval': done },
    });
    expect(shown.stdout).toContain('It was done.');
    expect(shown.stdout).toContain('trf_9');
  });
});
