import { expect, test } from 'vitest';
import { runCommand } from './run-command.ts';

const money = (amount: string, currency: string) => ({ amount, currency });
const BALANCES = {
  balances: [
    {
      currency: 'EUR',
      balance: money('1250.00', 'EUR'),
      held: money('50.00', 'EUR'),
      available: money('1200.00', 'EUR'),
    },
    { currency: 'JPY', balance: money('90', 'JPY'), held: money('0', 'JPY'), available: money('90', 'JPY') },
  ],
};

test('balances are a table, figures on the right', async () => {
  const { stdout } = await runCommand(['balance'], { answers: { 'list-balances': BALANCES } });
  expect(stdout).toBe(
    [
      'Currency      Balance       Held    Available',
      'EUR       1250.00 EUR  50.00 EUR  1200.00 EUR',
      'JPY            90 JPY      0 JPY       90 JPY',
      '',
    ].join('\n'),
  );
});

test('and blocks in a narrow terminal', async () => {
  const { stdout } = await runCommand(['balance', '--no-color'], {
    answers: { 'list-balances': BALANCES },
    columns: 40,
  });
  expect(stdout).toContain('Currency:  EUR\nBalance:   1250.00 EUR\nHeld:      50.00 EUR\n');
});

test('an empty wallet says how to fill it', async () => {
  const { stdout } = await runCommand(['balance'], { answers: { 'list-balances': { balances: [] } } });
  expect(stdout).toContain('okpay deposit');
});

test('JSON is the answer as it is', async () => {
  const { stdout } = await runCommand(['balance', '--json'], { answers: { 'list-balances': BALANCES } });
  expect(JSON.parse(stdout)).toEqual(BALANCES);
});

test('fees are shown exactly', async () => {
  const rule = {
    id: 'fee_1',
    kind: 'transfer',
    currency: 'EUR',
    basisPoints: 105,
    fixed: money('0.10', 'EUR'),
    minimum: money('0.25', 'EUR'),
    effectiveFrom: '2026-01-01T00:00:00Z',
  };
  const fees = { fees: [rule], note: 'All in\u202e.' };
  const { stdout, calls } = await runCommand(['fees', '--currency', 'EUR', '--kind', 'transfer'], {
    answers: { 'list-fees': fees },
  });
  expect(calls[0]?.input).toEqual({ currency: 'EUR', kind: 'transfer' });
  expect(stdout).toContain('1.05 % + 0.10 EUR');
  expect(stdout).toContain('All in‹U+202E›.');
});
