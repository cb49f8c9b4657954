import { Refusal } from '../../../core/contract/refusals.ts';
import { LIMITS } from '../../../core/contract/schemas.ts';
import { record } from '../../audit-log/record.ts';
import { endOf, readAccount } from '../../bank-accounts/read-account.ts';
import { showBankAccount } from '../../bank-accounts/show-account.ts';
import { timestamp } from '../../deps.ts';
import { tellHolder } from '../../identity/tell-holder.ts';
import { isSayable } from '../../rails/sepa-text.ts';
import { bankAccountsOf, insertBankAccount, type BankAccountRow } from '../../store/bank-accounts.ts';
import { coolOffMs } from '../../withdrawals/rules.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Adds a bank account to withdraw to. It can be used when its cool-off is over, and the holder hears of it by mail meanwhile
 * (OWASP ASVS 5.0, V2.4.2). Where a bank can be asked whose it is, another name is refused unless the holder accepts that.
 * Throws `bank_account_invalid`, `currency_unknown`, `input_invalid`, `bank_account_exists`, `name_differs`, `limit_reached`.
 */
export const addBankAccount: UseCase<'add-bank-account'> = async (deps, actor, input) => {
  const { engine } = deps;
  const read = readAccount(input);
  const holderName = (input.holderName ?? actor.displayName).normalize('NFC').trim();
  if (!isSayable(holderName))
    throw new Refusal('input_invalid', {
      field: 'holderName',
      reason: 'takes the name in Latin letters, as the bank has it',
    });
  const mine = await bankAccountsOf(engine, actor.user);
  if (mine.some(({ numberKey, currency }) => numberKey === read.numberKey && currency === read.currency))
    throw new Refusal('bank_account_exists');
  const { country, currency, details } = read;
  const said = await deps.nameCheck?.({ name: holderName, country, currency, details });
  const nameCheck = said?.result ?? 'none';
  if (['close_match', 'no_match'].includes(nameCheck) && input.acceptName !== true)
    throw new Refusal('name_differs', said?.name === undefined ? {} : { says: said.name });
  const now = deps.now();
  const row: BankAccountRow = {
    id: deps.newId('bankAccount'),
    userId: actor.user,
    country,
    currency,
    holderName,
    details: JSON.stringify(details),
    numberKey: read.numberKey,
    nameCheck,
    bankSays: said?.name ?? null,
    addedAt: timestamp(now),
    usableFrom: timestamp(now + (await coolOffMs(engine))),
    removedAt: null,
  };
  const facts = { country, currency, ending: endOf(row.details), nameCheck };
  await engine.transact(async (tx) => {
    if ((await bankAccountsOf(tx, actor.user)).length >= LIMITS.bankAccounts)
      throw new Refusal('limit_reached', { what: 'bank accounts', most: String(LIMITS.bankAccounts) });
    if (!(await insertBankAccount(tx, row))) throw new Refusal('bank_account_exists');
    await record(tx, deps, actor, { action: 'bank-account-added', object: row.id, facts });
    await tellHolder(tx, deps, actor, 'mail.bank-account-added', {
      user: actor.user,
      email: actor.email,
      holderName,
      usableFrom: row.usableFrom,
      ...facts,
    });
  });
  return showBankAccount(row);
};
