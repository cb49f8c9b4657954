import { expect } from 'vitest';
import type { Output } from '../../../src/core/contract/operations.ts';
import { endToEndIdOf } from '../../../src/service/ledger/withdrawal-ids.ts';
import type { Harness, Holder } from '../../harness.ts';
import { bankDay, type Line } from '../bank/bank-day.ts';
import { money, newKey, person } from '../money/wallet.ts';

export const OWN_IBAN = 'DE02120300000000202051';
export const THEIR_IBAN = 'NL91ABNA0417164300';

const HOUR_MS = 3_600_000;
export const COOL_OFF_MS = 24 * HOUR_MS;

export type Withdrawal = Output<'get-withdrawal'>;
export type Batch = Output<'batch-withdrawals'>['batches'][number];

/** A wallet that pays out euro from one account of its own, up to 1,000.00 without asking anybody. */
export async function openPayouts(harness: Harness): Promise<void> {
  const { client } = await person(harness, `setter${newKey()}`, 'admin');
  await client.call('add-own-account', { iban: OWN_IBAN, currency: 'EUR', name: 'Wallet GmbH' });
  await client.call('set-withdrawal-rules', { automatic: money('1000.00 EUR') });
}

/** A bank account of a holder's that can be used by now: the clock goes on for that. */
export async function usableAccount(
  harness: Harness,
  { client }: Holder,
  iban = THEIR_IBAN,
): Promise<Output<'add-bank-account'>> {
  const account = await client.call('add-bank-account', { fields: { iban }, currency: 'EUR' });
  harness.clock.advance(COOL_OFF_MS);
  return account;
}

export async function quoteOf({ client }: Holder, amount: string): Promise<Output<'create-quote'>> {
  return client.call('create-quote', { bankAccount: 'only', amount: money(amount) });
}

export async function withdraw(holder: Holder, amount: string, key = newKey()): Promise<Withdrawal> {
  const { id } = await quoteOf(holder, amount);
  return holder.client.call('create-withdrawal', { quote: id }, { key });
}

export async function batchAll(harness: Harness): Promise<Batch[]> {
  const { client } = await person(harness, `batcher${newKey()}`, 'senior');
  return (await client.call('batch-withdrawals', { reason: 'the daily run' })).batches;
}

export async function fileOf(harness: Harness, batch: string): Promise<string> {
  const { token } = await person(harness, `writer${newKey()}`, 'senior');
  const answer = await harness.service.perform(
    { operation: 'write-batch', input: { batch, reason: 'for the bank' }, token },
    { console: true },
  );
  let text = '';
  if ('text' in answer) for await (const piece of answer.text) text += piece;
  return text;
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** What the bank says of payments, by what it says of each. */
export function statusReport(
  messageId: string,
  said: readonly (readonly [withdrawal: string, status: string, reason?: string])[],
  group = '',
): string {
  const payments = said.map(
    ([id, status, reason]) =>
      `<TxInfAndSts><OrgnlEndToEndId>${endToEndIdOf(id)}</OrgnlEndToEndId><TxSts>${status}</TxSts>${
        reason === undefined ? '' : `<StsRsnInf><Rsn><Cd>${reason}</Cd></Rsn></StsRsnInf>`
      }</TxInfAndSts>`,
  );
  return `<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>BANK-${newKey().slice(4, 20)}</MsgId><CreDtTm>2026-03-03T10:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>${messageId}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>${
    group === '' ? '' : `<GrpSts>${group}</GrpSts>`
  }</OrgnlGrpInfAndSts>
${payments.length === 0 ? '' : `<OrgnlPmtInfAndSts><OrgnlPmtInfId>${messageId}-1</OrgnlPmtInfId>${payments.join('\n')}</OrgnlPmtInfAndSts>`}
</CstmrPmtStsRpt></Document>`;
}

export async function importReport(harness: Harness, text: string): Promise<Output<'import-report'>> {
  const { client } = await person(harness, `reporter${newKey()}`, 'support');
  return client.call('import-report', {}, { body: bytes(text) });
}

export async function importLines(
  harness: Harness,
  lines: readonly Line[],
  more: Partial<Parameters<typeof bankDay>[0]> = {},
): Promise<Output<'import-statement'>['statements'][number]> {
  const { client } = await person(harness, `importer${newKey()}`, 'support');
  const xml = bankDay({ lines, iban: OWN_IBAN, opening: '100000.00', ...more });
  const { statements } = await client.call('import-statement', {}, { body: bytes(xml) });
  const [report] = statements;
  expect(statements).toHaveLength(1);
  if (!report) throw new Error('a file with one statement has one report');
  return report;
}

/** The bank pays a withdrawal. */
export const paidLine = ({ id, amount }: Withdrawal, ref = `P-${id}`): Line => ({
  amount: amount.amount,
  side: 'DBIT',
  ref,
  endToEndId: endToEndIdOf(id),
});

/** The bank brings it back. */
export const returnedLine = ({ id, amount }: Withdrawal, ref = `R-${id}`, why = 'AC04'): Line => ({
  amount: amount.amount,
  side: 'CRDT',
  ref,
  endToEndId: endToEndIdOf(id),
  returned: why,
});

export async function stateOf(harness: Harness, { client }: Holder, { id }: { id: string }): Promise<string> {
  void harness;
  return (await client.call('get-withdrawal', { withdrawal: id })).state;
}
