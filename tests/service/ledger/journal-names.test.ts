import { expect, test } from 'vitest';
import { adjustmentsAccount, feesAccount, suspenseAccount } from '../../../src/service/ledger/accounts.ts';
import { journalName } from '../../../src/service/ledger/export-journal/account-names.ts';

test('every kind of system account has a place of its own in a journal', () => {
  expect(
    [adjustmentsAccount, feesAccount, suspenseAccount].map((account) => journalName(account('EUR'))),
  ).toEqual(['Equity:Adjustments:EUR', 'Income:Fees:EUR', 'Liabilities:Suspense:EUR']);
});
