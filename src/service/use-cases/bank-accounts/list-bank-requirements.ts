import type { Output } from '../../../core/contract/operations.ts';
import { Refusal } from '../../../core/contract/refusals.ts';
import { parseCurrency } from '../../../core/money.ts';
import { countriesOfIban, currenciesOfIban, lengthOfIban, SCHEMES } from '../../bank-accounts/schemes.ts';
import type { UseCase } from '../use-case.ts';

type Requirement = Output<'list-bank-requirements'>['requirements'][number];

/** What an account has to be known by, for each country and currency that can be paid to. Throws `not_found`. */
export const listBankRequirements: UseCase<'list-bank-requirements'> = async (_deps, _actor, input) => {
  const country = input.country?.toUpperCase();
  const currency = input.currency === undefined ? undefined : parseCurrency(input.currency);
  const requirements = [...SCHEMES.map(ofScheme), ...countriesOfIban().flatMap(ofIban)]
    .filter((each) => country === undefined || each.country === country)
    .filter((each) => currency === undefined || each.currency === currency)
    .sort((one, other) => (one.country < other.country ? -1 : one.country > other.country ? 1 : 0));
  if (requirements.length === 0) {
    const id = [country, currency].filter(Boolean).join(' ');
    throw new Refusal('not_found', { thing: 'way to pay to a bank in', id });
  }
  return { requirements };
};

function ofScheme({ country, currency, fields }: (typeof SCHEMES)[number]): Requirement {
  return {
    country,
    currency,
    fields: fields.map(({ name, label, example, isOptional }) => ({
      name,
      label,
      example,
      required: isOptional !== true,
    })),
  };
}

function ofIban(country: string): Requirement[] {
  const length = lengthOfIban(country);
  return currenciesOfIban(country).map((currency) => ({
    country,
    currency,
    fields: [
      { name: 'iban', label: 'IBAN', example: `${country}.. (${length} characters)`, required: true },
      { name: 'bic', label: 'BIC of the bank', example: `ABCD${country}XX`, required: false },
    ],
  }));
}
