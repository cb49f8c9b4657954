import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isCurrency, type Currency } from '../../../src/core/money.ts';
import { openHarness } from '../../harness.ts';
import { audit, everything, newKey, person, refusalOf } from '../money/wallet.ts';
import { importFile, minorOf } from './bank-day.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const FOLDER = join(DATA, 'iso20022');
const missing = existsSync(FOLDER) ? '' : ` (skipped: no test data at ${DATA})`;

/** The files that break the schema of their own namespace, and at which line. */
const BROKEN: Readonly<Record<string, { line: string; reason: RegExp }>> = {
  'Query-farm_statement1.xml': { line: '13', reason: /FrToDt is not allowed/ },
  'genkgo_camt053.v2.wrong.xml': { line: '3', reason: /expects Stmt/ },
  'viafintech_valid_example.xml': { line: '62', reason: /NtryRef is not allowed/ },
  'viafintech_valid_example_with_batch.xml': { line: '143', reason: /MsgId is not allowed/ },
  'chain-2024-03-a/2024-03-07.xml': { line: '2', reason: /CdtDbtInd/ },
  'chain-2024-03-a/2024-03-08.xml': { line: '2', reason: /CdtDbtInd/ },
  'chain-2024-03-a/2024-03-11.xml': { line: '2', reason: /CdtDbtInd/ },
  'chain-2024-03-a/2024-03-12.xml': { line: '2', reason: /CdtDbtInd/ },
  'chain-2024-03-a/2024-03-13.xml': { line: '2', reason: /CdtDbtInd/ },
};

/** What the oracle says of one statement, in the words of the file. */
type Expected = {
  stmt_id: string;
  account: string;
  balances: [string, string, string, string | null][];
  entries: number;
  credits: number;
  credit_sum: string;
  debits: number;
  debit_sum: string;
  by_status: Record<string, number>;
  tx_details: number;
};

describe.skipIf(missing)(`importing the statements of the corpus${missing}`, () => {
  const oracle = missing
    ? {}
    : (JSON.parse(readFileSync(join(FOLDER, 'camt.053.expected.json'), 'utf8')) as Record<
        string,
        Expected[]
      >);

  test.each(Object.entries(oracle))('%s', async (name, expected) => {
    const harness = await openHarness();
    const staff = await person(harness, `support${newKey()}`, 'support');
    const file = readFileSync(join(FOLDER, name));
    const broken = BROKEN[name.replace('camt.053/', '')];
    if (broken) {
      const before = await everything(harness);
      const refused = await refusalOf(importFile(staff, file), 'statement_invalid');
      expect(refused.facts['line']).toBe(broken.line);
      expect(refused.facts['reason']).toMatch(broken.reason);
      expect(await everything(harness)).toEqual(before);
      await harness.close();
      return;
    }

    const { statements } = await importFile(staff, file);
    expect(statements.map(inWordsOfOracle)).toEqual(expected.map(exact));
    const moved = new Map<string, bigint>();
    for (const [
      at,
      { account, currency, suspense, credited, alreadyBooked, notBooked },
    ] of statements.entries()) {
      const one = expected[at] as Expected;
      expect([credited, alreadyBooked, notBooked]).toEqual([0, 0, 0]);
      expect(suspense).toBeGreaterThanOrEqual(one.entries);
      const clearing = `clearing:${account}:${currency}`;
      const net = minor(one.credit_sum, currency) - minor(one.debit_sum, currency);
      moved.set(clearing, (moved.get(clearing) ?? 0n) - net);
    }
    expect(await clearingAccounts(harness)).toEqual([...moved].filter(([, net]) => net !== 0n).sort());

    const before = await everything(harness);
    const again = (await importFile(staff, file)).statements;
    expect(again.map(inWordsOfOracle)).toEqual(expected.map(exact));
    expect(again.map(({ alreadyBooked }) => alreadyBooked)).toEqual(
      statements.map(({ suspense }) => suspense),
    );
    const after = await everything(harness);
    expect({ ...after, statements: [] }).toEqual({ ...before, statements: [] });
    await audit(harness);
    await harness.close();
  });

  test('leaves out none', () => {
    expect(Object.keys(oracle)).toHaveLength(19);
    expect(Object.keys(oracle).filter((name) => BROKEN[name.replace('camt.053/', '')])).toHaveLength(9);
  });
});

type Report = Awaited<ReturnType<typeof importFile>>['statements'][number];

function inWordsOfOracle(report: Report): unknown {
  const { id, account, currency, entries, credits, creditSum, debits, debitSum } = report;
  return {
    stmt_id: id,
    account,
    entries,
    credits,
    credit_sum: minor(creditSum, currency),
    debits,
    debit_sum: minor(debitSum, currency),
    by_status: report.byStatus,
    tx_details: report.transactionDetails,
  };
}

/** The oracle joined an account's number with the elements after it where it is no IBAN. */
function exact({ balances, ...expected }: Expected): unknown {
  const currency = balances[0]?.[1] ?? 'EUR';
  return {
    stmt_id: expected.stmt_id,
    account: expected.account.split('\n')[0],
    entries: expected.entries,
    credits: expected.credits,
    credit_sum: minor(expected.credit_sum, currency),
    debits: expected.debits,
    debit_sum: minor(expected.debit_sum, currency),
    by_status: expected.by_status,
    tx_details: expected.tx_details,
  };
}

function minor(text: string, currency: string): bigint {
  return minorOf(text, isCurrency(currency) ? currency : ('EUR' satisfies Currency));
}

async function clearingAccounts({
  service,
}: Awaited<ReturnType<typeof openHarness>>): Promise<[string, bigint][]> {
  const rows = await service.deps.engine.all<{ name: string; balance: bigint }>(
    "SELECT name, balance FROM accounts WHERE kind = 'clearing' ORDER BY name",
  );
  return rows.filter(({ balance }) => balance !== 0n).map(({ name, balance }) => [name, balance]);
}
