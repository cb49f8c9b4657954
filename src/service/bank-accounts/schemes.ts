import { countrySpecs, isSEPACountry } from 'ibantools';
import type { Currency } from '../../core/money.ts';

/** What a bank is told to find an account, by name: canonical, without blanks. */
export type Details = Readonly<Record<string, string>>;

/** One thing that has to be known of an account. */
export type Field = {
  readonly name: string;
  readonly label: string;
  readonly example: string;
  /** What it looks like once blanks and hyphens are gone and letters are large. */
  readonly form: RegExp;
  readonly isOptional?: true;
  /** What is wrong with it although it has the form, after its name; undefined when nothing is. */
  readonly fault?: (value: string, all: Details) => string | undefined;
};

/** How accounts are named in one country and currency. */
export type Scheme = {
  readonly country: string;
  readonly currency: Currency;
  readonly fields: readonly Field[];
  /** ISO 20022 ExternalClearingSystemIdentification1Code, and the bank in that system. */
  readonly clearing: (details: Details) => { readonly system: string; readonly member: string };
};

const account = (form: RegExp, example: string): Field => ({
  name: 'accountNumber',
  label: 'Account number',
  example,
  form,
});

const accountType = (form: RegExp, example: string): Field => ({
  name: 'accountType',
  label: 'Kind of account',
  example,
  form,
});

/** Countries without IBANs, or where accounts are named otherwise within the country. */
export const SCHEMES: readonly Scheme[] = [
  {
    country: 'US',
    currency: 'USD',
    fields: [
      {
        name: 'routingNumber',
        label: 'ABA routing number',
        example: '021000021',
        form: /^[0-9]{9}$/,
        fault: (value) => (isRoutingNumber(value) ? undefined : 'has a wrong digit in it'),
      },
      account(/^[0-9A-Z]{4,17}$/, '000123456789'),
      accountType(/^(CHECKING|SAVINGS)$/, 'checking'),
    ],
    clearing: (details) => ({ system: 'USABA', member: details['routingNumber'] ?? '' }),
  },
  {
    country: 'GB',
    currency: 'GBP',
    fields: [
      { name: 'sortCode', label: 'Sort code', example: '20-00-00', form: /^[0-9]{6}$/ },
      account(/^[0-9]{8}$/, '55779911'),
    ],
    clearing: (details) => ({ system: 'GBDSC', member: details['sortCode'] ?? '' }),
  },
  {
    country: 'AU',
    currency: 'AUD',
    fields: [
      { name: 'bsb', label: 'BSB', example: '062-000', form: /^[0-9]{6}$/ },
      account(/^[0-9]{5,9}$/, '12345678'),
    ],
    clearing: (details) => ({ system: 'AUBSB', member: details['bsb'] ?? '' }),
  },
  {
    country: 'CA',
    currency: 'CAD',
    fields: [
      { name: 'institutionNumber', label: 'Institution number', example: '004', form: /^[0-9]{3}$/ },
      { name: 'transitNumber', label: 'Transit number', example: '00012', form: /^[0-9]{5}$/ },
      account(/^[0-9]{7,12}$/, '1234567'),
    ],
    // Electronic payments write a zero, the institution and the transit number (Payments Canada, CPA Standard 006).
    clearing: (details) => ({
      system: 'CACPA',
      member: `0${details['institutionNumber'] ?? ''}${details['transitNumber'] ?? ''}`,
    }),
  },
  {
    country: 'IN',
    currency: 'INR',
    fields: [
      { name: 'ifsc', label: 'IFSC', example: 'HDFC0000001', form: /^[A-Z]{4}0[A-Z0-9]{6}$/ },
      account(/^[0-9]{9,18}$/, '50100012345678'),
    ],
    clearing: (details) => ({ system: 'INFSC', member: details['ifsc'] ?? '' }),
  },
  {
    country: 'JP',
    currency: 'JPY',
    fields: [
      { name: 'bankCode', label: 'Bank code', example: '0001', form: /^[0-9]{4}$/ },
      { name: 'branchCode', label: 'Branch code', example: '001', form: /^[0-9]{3}$/ },
      account(/^[0-9]{7}$/, '1234567'),
      accountType(/^(ORDINARY|CURRENT|SAVINGS)$/, 'ordinary'),
    ],
    clearing: (details) => ({
      system: 'JPZGN',
      member: `${details['bankCode'] ?? ''}${details['branchCode'] ?? ''}`,
    }),
  },
];

/** The currency of a country with IBANs where that is not the euro (ISO 4217). */
const NATIONAL: Readonly<Record<string, string>> = Object.fromEntries(
  `AE:AED AL:ALL AZ:AZN BA:BAM BH:BHD BR:BRL BY:BYN CH:CHF CR:CRC CZ:CZK DK:DKK DO:DOP EG:EGP FO:DKK GB:GBP GE:GEL
  GI:GIP GL:DKK GT:GTQ HU:HUF IL:ILS IQ:IQD IS:ISK JO:JOD KW:KWD KZ:KZT LB:LBP LC:XCD LI:CHF LY:LYD MD:MDL MK:MKD
  MN:MNT MR:MRU MU:MUR NI:NIO NO:NOK OM:OMR PK:PKR PL:PLN QA:QAR RO:RON RS:RSD SA:SAR SC:SCR SD:SDG SE:SEK SO:SOS
  ST:STN SV:USD TL:USD TN:TND TR:TRY UA:UAH VG:USD YE:YER`
    .split(/\s+/)
    .map((pair) => pair.split(':') as [string, string]),
);

/** In which currencies an account with an IBAN of a country can be paid: its own, and the euro by the rules of the SEPA. */
export function currenciesOfIban(country: string): string[] {
  const spec = countrySpecs[country];
  if (spec?.IBANRegistry !== true) return [];
  const own = NATIONAL[country];
  return [
    ...(isSEPACountry(country) || own === undefined ? ['EUR'] : []),
    ...(own === undefined ? [] : [own]),
  ];
}

/** Every country whose accounts have IBANs. */
export function countriesOfIban(): string[] {
  return Object.keys(countrySpecs).filter((country) => currenciesOfIban(country).length > 0);
}

/** How many characters an IBAN of a country has. */
export function lengthOfIban(country: string): number {
  return countrySpecs[country]?.chars ?? 0;
}

/** Weights 3, 7, 1 sum to a multiple of ten, and the first two digits are of a Federal Reserve district or its like (ABA). */
function isRoutingNumber(text: string): boolean {
  const sum = Array.from(text).reduce((all, digit, at) => all + Number(digit) * ([3, 7, 1][at % 3] ?? 0), 0);
  const first = Number(text.slice(0, 2));
  const isIssued =
    first <= 12 || (first >= 21 && first <= 32) || (first >= 61 && first <= 72) || first === 80;
  return sum % 10 === 0 && isIssued && sum > 0;
}
