import { domainToASCII, domainToUnicode } from 'node:url';
import { Refusal } from '../../core/contract/refusals.ts';
import { LIMITS } from '../../core/contract/schemas.ts';
import { isOneScript } from './scripts.ts';

/**
 * An e-mail address that was understood. `address` is where mail is sent: as typed but normalised, so that mail goes to
 * the mailbox the account is for and to no look-alike of it. `key` says which account it is.
 */
export type EmailAddress = { readonly address: string; readonly key: string };

/** RFC 5321, 4.5.3.1: octets of the local part; RFC 1035, 2.3.4: octets of a whole domain name. */
const LOCAL_BYTES = 64;
const DOMAIN_BYTES = 253;

/** Blanks, control characters, bidi marks, zero-width and other characters that cannot be seen. */
const INVISIBLE = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
/** RFC 5322 dot-atom with the letters of RFC 6531; no quoted local parts, which hardly exist and confuse everybody. */
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~\p{L}\p{N}\p{M}-]+(?:\.[\w!#$%&'*+/=?^`{|}~\p{L}\p{N}\p{M}-]+)*$/u;
const DOMAIN = /^[\p{L}\p{N}\p{M}.-]+$/u;
/** RFC 5890 LDH label; the last label of a name has a letter in it, so that no IP address passes. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Reads an e-mail address. Nothing is trimmed. Letter case and Unicode compatibility forms (NFKC) do not make another
 * account, an internationalised domain is its punycode, and `+tags` stay distinct.
 * Mixed scripts are refused (UTS 39). Throws the refusal `email_invalid`.
 */
export function parseEmail(text: string): EmailAddress {
  if (INVISIBLE.test(text)) throw invalid('has a blank or an invisible character in it');
  const [typedLocal = '', typedDomain, more] = text.split('@');
  if (typedDomain === undefined || more !== undefined) throw invalid('needs exactly one @');
  const local = typedLocal.normalize('NFKC');
  if (!LOCAL_PART.test(local) || /^\p{M}/u.test(local)) throw invalid('is not written right before the @');
  if (!isOneScript(local)) throw invalid('mixes scripts before the @');
  const domain = parseDomain(typedDomain);
  const address = `${local}@${domain}`;
  if (Buffer.byteLength(local) > LOCAL_BYTES || Buffer.byteLength(address) > LIMITS.emailLength) {
    throw invalid('is too long');
  }
  return { address, key: `${local.toLowerCase().normalize('NFKC')}@${domain}` };
}

/** The canonical form under which an account is found. Throws the refusal `email_invalid`. */
export function emailKeyOf(text: string): string {
  return parseEmail(text).key;
}

/** The domain in ASCII and small letters (UTS 46). */
function parseDomain(text: string): string {
  // Checked first: domainToASCII would decode %-escapes and map full-width dots.
  if (!DOMAIN.test(text)) throw invalid('is not written right after the @');
  const domain = domainToASCII(text);
  const labels = domain.split('.');
  if (labels.length < 2 || domain.length > DOMAIN_BYTES || !labels.every((label) => LABEL.test(label))) {
    throw invalid('is not written right after the @');
  }
  if (!/[a-z]/.test(labels.at(-1) ?? '')) throw invalid('needs a domain name after the @, not a number');
  if (labels.some((label) => label.startsWith('xn--'))) checkUnicodeLabels(domain);
  return domain;
}

function checkUnicodeLabels(domain: string): void {
  const unicode = domainToUnicode(domain);
  if (domainToASCII(unicode) !== domain || /(?:^|\.)xn--/.test(unicode)) {
    throw invalid('is not written right after the @');
  }
  if (!unicode.split('.').every(isOneScript)) throw invalid('mixes scripts after the @');
}

function invalid(what: string): Refusal {
  return new Refusal('email_invalid', { reason: `The e-mail address ${what}.` });
}
