import type { Input } from '../../../src/core/contract/operations.ts';
import type { OkpayClient } from '../../../src/core/client.ts';
import type { WireMoney } from '../../../src/core/money.ts';

/** A statement in JSON, as far as tests look at it. */
export type StatementJson = {
  month: string;
  from: string;
  to: string;
  isOver: boolean;
  operator: string;
  accounts: {
    currency: string;
    opening: WireMoney;
    closing: WireMoney;
    credits: { count: number; sum: WireMoney };
    debits: { count: number; sum: WireMoney };
    entries: {
      number: number;
      transfer: string;
      at: string;
      what: string;
      amount: WireMoney;
      balanceAfter: WireMoney;
      fee?: WireMoney;
      note?: string;
    }[];
  }[];
};

/** A stream of text, whole. */
export async function textOf(stream: Promise<AsyncIterable<string>>): Promise<string> {
  let text = '';
  for await (const piece of await stream) text += piece;
  return text;
}

export function statementText(client: OkpayClient, input: Input<'get-statement'> = {}): Promise<string> {
  return textOf(client.stream('get-statement', input));
}

export async function statementJson(
  client: OkpayClient,
  input: Omit<Input<'get-statement'>, 'format'> = {},
): Promise<StatementJson> {
  return JSON.parse(await statementText(client, { ...input, format: 'json' })) as StatementJson;
}

/** Minor units of an amount of two decimals. */
export function cents({ amount }: WireMoney): bigint {
  return BigInt(amount.replace('.', ''));
}
