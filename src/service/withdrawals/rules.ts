import type { Output } from '../../core/contract/operations.ts';
import { isCurrency, toWire, type Currency } from '../../core/money.ts';
import type { Deps } from '../deps.ts';
import type { Reader } from '../store/engine/engine.ts';
import { settingsByNames, settingsUnder } from '../store/settings.ts';

/** How long a new bank account cannot be withdrawn to unless operators say otherwise, in hours (OWASP ASVS 5.0, V2.4.2). */
const COOL_OFF_HOURS = 24;

/** Under which names the rules are kept. */
export const RULES = {
  coolOffHours: 'bank-account.cool-off-hours',
  refundFee: 'withdrawal.refund-fee',
  automatic: (currency: string) => `withdrawal.automatic.${currency}`,
} as const;

/** How long a new bank account cannot be withdrawn to, in milliseconds. */
export async function coolOffMs(db: Reader): Promise<number> {
  const found = await settingsByNames(db, [RULES.coolOffHours]);
  return Number(found.get(RULES.coolOffHours) ?? COOL_OFF_HOURS) * 3_600_000;
}

/** Up to how much of a currency, in minor units, nobody has to agree: nothing unless operators set it. */
export async function automaticUpTo(db: Reader, currency: Currency): Promise<bigint> {
  const name = RULES.automatic(currency);
  return BigInt((await settingsByNames(db, [name])).get(name) ?? 0);
}

/** Whether the fee is given back when a bank returns the money: it is unless operators say otherwise. */
export async function refundsFee(db: Reader): Promise<boolean> {
  return (await settingsByNames(db, [RULES.refundFee])).get(RULES.refundFee) !== 'no';
}

/** All rules, for staff. */
export async function showRules({ engine, nameCheck }: Deps): Promise<Output<'get-withdrawal-rules'>> {
  const automatic = await settingsUnder(engine, RULES.automatic(''));
  return {
    coolOffHours: (await coolOffMs(engine)) / 3_600_000,
    refundFee: await refundsFee(engine),
    automatic: automatic.flatMap(({ name, value }) => {
      const currency = name.slice(RULES.automatic('').length);
      return isCurrency(currency) && value !== '0' ? [toWire(BigInt(value), currency)] : [];
    }),
    nameCheck: nameCheck !== undefined,
  };
}
