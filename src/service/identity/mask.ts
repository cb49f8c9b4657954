/** Stands for what is not shown. */
const HIDDEN = '•••';
/** ISO 13616: country, check digits and up to 30 characters, together or in groups of four. */
const IBAN =
  /\b[A-Z]{2}\d{2}(?:[A-Z0-9]{4}){2,7}[A-Z0-9]{0,3}\b|\b[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?\b/gi;
/** Runs of digits long enough to be the number of an account or a card. */
const NUMBER = /\b\d{8,}\b/g;

/** An e-mail address of which one can tell whether it is one's own: `a•••@example.com`. */
export function maskEmail(address: string): string {
  const at = address.lastIndexOf('@');
  const [first = ''] = address;
  return `${first}${HIDDEN}${at < 0 ? '' : address.slice(at)}`;
}

/** A phone number by its beginning and end: `+49•••678`. */
export function maskPhone(phone: string): string {
  return `${phone.slice(0, 3)}${HIDDEN}${phone.slice(-3)}`;
}

/** A text with every number of a bank account in it cut to its last four characters (OWASP ASVS 5.0, V14.2.6). */
export function maskAccounts(text: string): string {
  return text
    .replace(IBAN, (number) => `${HIDDEN}${number.replaceAll(' ', '').slice(-4)}`)
    .replace(NUMBER, (number) => `${HIDDEN}${number.slice(-4)}`);
}
