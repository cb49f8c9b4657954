import { isSEPACountry, isValidBIC, validateIBAN, ValidationErrorsIBAN as Fault } from 'ibantools';
import { Refusal } from '../../core/contract/refusals.ts';
import { parseCurrency, type Currency } from '../../core/money.ts';
import type { PayeeAccount } from '../rails/write-payments.ts';
import { currenciesOfIban, lengthOfIban, SCHEMES, type Details } from './schemes.ts';

/** A bank account as it was told, and found to be one. */
export type ReadAccount = {
  readonly country: string;
  readonly currency: Currency;
  readonly details: Details;
  /** Equal for two that are the same account. */
  readonly numberKey: string;
};

/** Where a bank is, by its BIC, when that is not where its IBANs are: territories that share a country's. */
const SHARES_BANKS: Readonly<Record<string, readonly string[]>> = {
  FR: ['GF', 'GP', 'MQ', 'RE', 'YT', 'PM', 'BL', 'MF', 'NC', 'PF', 'WF', 'MC'],
  GB: ['GG', 'IM', 'JE'],
  MC: ['FR'],
  CH: ['LI'],
  LI: ['CH'],
  SM: ['IT'],
};

/**
 * Reads what somebody told of a bank account: its fields by name, `country` and `currency`. Blanks and hyphens do not count.
 * With an IBAN the country is said already. Throws `bank_account_invalid`, naming the field (OWASP ASVS 5.0, V2.2.3: what does
 * not fit together is refused), and `currency_unknown`.
 */
export function readAccount(told: {
  readonly country?: string | undefined;
  readonly currency?: string | undefined;
  readonly fields: Readonly<Record<string, string | undefined>>;
}): ReadAccount {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(told.fields))
    if (value !== undefined) fields[name] = value.replace(/[\s-]/g, '').toUpperCase();
  const country = told.country?.toUpperCase();
  const currency = told.currency === undefined ? undefined : parseCurrency(told.currency);
  return fields['iban'] === undefined
    ? readLocal(country, currency, fields)
    : readIban(country, currency, fields, fields['iban']);
}

function readIban(
  country: string | undefined,
  told: Currency | undefined,
  fields: Details,
  iban: string,
): ReadAccount {
  const found = iban.slice(0, 2);
  const { bic } = fields;
  checkIban(iban, bic);
  if (country !== undefined && country !== found)
    throw wrong('country', `is ${country}, and the IBAN is of ${found}`);
  for (const name of Object.keys(fields))
    if (!['iban', 'bic'].includes(name)) throw wrong(name, 'does not go with an IBAN');
  const currencies = currenciesOfIban(found);
  const currency = told ?? (currencies[0] as Currency | undefined);
  if (currency === undefined || !currencies.includes(currency))
    throw wrong('currency', `is ${currency}: an account of ${found} is paid in ${currencies.join(' or ')}`);
  const details = { iban, ...(bic === undefined ? {} : { bic }) };
  return { country: found, currency, details, numberKey: `iban ${iban}` };
}

/** An IBAN, and the BIC of its bank, as they are kept. Throws `bank_account_invalid`. */
export function checkIban(told: string, toldBic?: string): { iban: string; bic?: string | undefined } {
  const iban = told.replace(/[\s-]/g, '').toUpperCase();
  const bic = toldBic?.replace(/\s/g, '').toUpperCase();
  const problem = faultOfIban(iban);
  if (problem !== undefined) throw wrong('iban', problem);
  if (bic === undefined) return { iban };
  const [country, where] = [iban.slice(0, 2), bic.slice(4, 6)];
  if (!isValidBIC(bic)) throw wrong('bic', 'is no BIC: 8 or 11 letters and digits, such as COBADEFFXXX');
  if (where !== country && SHARES_BANKS[country]?.includes(where) !== true)
    throw wrong('bic', `is of a bank in ${where}, and the IBAN is of ${country}`);
  return { iban, bic };
}

function faultOfIban(iban: string): string | undefined {
  const { valid, errorCodes } = validateIBAN(iban);
  const country = iban.slice(0, 2);
  if (valid && currenciesOfIban(country).length > 0) return undefined;
  if (errorCodes.includes(Fault.NoIBANCountry) || valid)
    return `begins with “${country}”, and there are no IBANs of that`;
  if (errorCodes.includes(Fault.WrongBBANLength))
    return `has ${iban.length} characters, and one of ${country} has ${lengthOfIban(country)}`;
  if (errorCodes.includes(Fault.WrongBBANFormat)) return `is not written like one of ${country}`;
  return 'has a wrong character in it: its check digits do not agree';
}

function readLocal(country: string | undefined, told: Currency | undefined, fields: Details): ReadAccount {
  if (country === undefined)
    throw wrong('iban', 'is needed, or the country and what its accounts have instead');
  const ofCountry = SCHEMES.filter((scheme) => scheme.country === country);
  const scheme = ofCountry.find(({ currency }) => told === undefined || currency === told);
  if (!scheme) {
    if (ofCountry[0])
      throw wrong('currency', `is ${told}: an account of ${country} is paid in ${ofCountry[0].currency}`);
    if (currenciesOfIban(country).length > 0) throw wrong('iban', `is needed for an account of ${country}`);
    throw wrong('country', `is ${country}, where nothing can be paid to`);
  }
  for (const name of Object.keys(fields))
    if (!scheme.fields.some((field) => field.name === name))
      throw wrong(name, `does not go with an account of ${country}`);
  const details: Record<string, string> = {};
  for (const { name, label, example, form, isOptional, fault } of scheme.fields) {
    const value = fields[name];
    if (value === undefined) {
      if (isOptional) continue;
      throw wrong(name, `is needed for an account of ${country}: its ${label}, such as ${example}`);
    }
    const problem = form.test(value) ? fault?.(value, fields) : `is not written like ${example}`;
    if (problem !== undefined) throw wrong(name, problem);
    details[name] = value;
  }
  const { system, member } = scheme.clearing(details);
  const numberKey = `${system} ${member} ${details['accountNumber'] ?? ''}`;
  return { country, currency: scheme.currency, details, numberKey };
}

function wrong(field: string, reason: string): Refusal {
  return new Refusal('bank_account_invalid', { field, reason });
}

/** The account as banks are told of it in an order to pay. */
export function payeeAccountOf(account: {
  country: string;
  currency: string;
  details: string;
}): PayeeAccount {
  const details = JSON.parse(account.details) as Details;
  const { iban, bic } = details;
  if (iban !== undefined) return { iban, bic };
  const scheme = SCHEMES.find(
    ({ country, currency }) => country === account.country && currency === account.currency,
  );
  if (!scheme) throw new Error(`there is no scheme for accounts of ${account.country}`);
  const type = details['accountType'];
  return {
    number: details['accountNumber'] ?? '',
    clearing: scheme.clearing(details),
    country: account.country,
    ...(type === undefined ? {} : { type: type === 'SAVINGS' ? 'SVGS' : 'CACC' }),
  };
}

/** Whether it is paid by the rules of the SEPA: euro, to an IBAN of one of its countries. */
export function isSepa({
  country,
  currency,
  details,
}: {
  country: string;
  currency: string;
  details: string;
}): boolean {
  return currency === 'EUR' && isSEPACountry(country) && 'iban' in (JSON.parse(details) as Details);
}

/** The last four characters of its number: what is shown of it (OWASP ASVS 5.0, V14.2.6). */
export function endOf(details: string): string {
  const { iban, accountNumber = '' } = JSON.parse(details) as Details;
  return (iban ?? accountNumber).slice(-4);
}

/** `Alice Example, DE •••3000`: whose account it is, and enough of it to know it again. */
export function labelOf(account: { country: string; holderName: string; details: string }): string {
  return `${account.holderName}, ${account.country} •••${endOf(account.details)}`;
}
