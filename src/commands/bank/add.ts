import { Command } from 'commander';
import type { OkpayClient } from '../../core/client.ts';
import type { Input, Output } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { bankAccountBlocks } from '../show/withdrawal.ts';

/** What banks know an account by, as flags, in the names of the service. */
const FIELDS = {
  iban: 'the IBAN, where accounts have one',
  bic: 'the BIC of the bank; not needed with an IBAN',
  routingNumber: 'United States: the ABA routing number',
  sortCode: 'United Kingdom: the sort code',
  bsb: 'Australia: the BSB',
  institutionNumber: 'Canada: the institution number',
  transitNumber: 'Canada: the transit number',
  ifsc: 'India: the IFSC',
  bankCode: 'Japan: the code of the bank',
  branchCode: 'Japan: the code of the branch',
  accountNumber: 'the number of the account, where there is no IBAN',
  accountType: 'what kind of account, such as checking or savings',
} as const;

type Field = keyof typeof FIELDS;
export type Options = { [Name in Field]?: string } & {
  holder?: string;
  country?: string;
  currency?: string;
  acceptName?: boolean;
};

/** `okpay bank add`: adds a bank account that money can be withdrawn to. */
export function addBankAccountCommand(run: Run<Options> = addBankAccount) {
  const command = new Command()
    .description(
      'Adds a bank account that your money can be withdrawn to. Asks who you are once more; you are told by mail, and it can be used a day later.',
    )
    .option('--holder <name>', 'in whose name the account is, as the bank has it; you unless given')
    .option('--country <code>', 'two letters, where there is no IBAN, such as US')
    .option('--currency <code>', 'the currency to be paid in, where there are several')
    .option('--accept-name', 'add it although the bank has another name for it');
  for (const [name, text] of Object.entries(FIELDS))
    command.option(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} <text>`, text);
  return declare(command, run);
}

async function addBankAccount(context: Context, options: Options): Promise<void> {
  const { holder, country, currency, acceptName } = options;
  const fields: Record<string, string> = {};
  for (const name of Object.keys(FIELDS) as Field[]) {
    const value = options[name];
    if (value !== undefined) fields[name] = value;
  }
  if (Object.keys(fields).length === 0 && country === undefined)
    fields['iban'] = await context.io.ask({ message: 'IBAN', flag: '--iban' });
  const input = {
    fields,
    ...(holder === undefined ? {} : { holderName: holder }),
    ...(country === undefined ? {} : { country }),
    ...(currency === undefined ? {} : { currency }),
    ...(acceptName ? { acceptName } : {}),
  };
  const client = await context.client();
  const account = await add(context, client, input);
  await context.show.answer(account, (pen) => [
    'The bank account was added.',
    ...bankAccountBlocks(account, pen),
  ]);
}

/** Where the bank has another name for the account, whoever sits there decides. */
async function add(
  { io }: Context,
  client: OkpayClient,
  input: Input<'add-bank-account'>,
): Promise<Output<'add-bank-account'>> {
  try {
    return await client.call('add-bank-account', input);
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'name_differs') || !io.interactive) throw error;
    const { says } = error.facts;
    const said = says === undefined ? 'another name' : `the name “${says}”`;
    await io.confirm({
      message: `The bank has ${said} for this account. Add it anyway?`,
      flag: '--accept-name',
    });
    return client.call('add-bank-account', { ...input, acceptName: true });
  }
}
