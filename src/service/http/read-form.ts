import { Refusal } from '../../core/contract/refusals.ts';
import { checkMediaType, readBody } from './body.ts';

/** Forms of ours have a few short fields. */
const FORM_BYTES = 4_096;

/**
 * Reads a form that one of our own pages sent: a form of another site is refused (OWASP ASVS 5.0, V3.5.1). Browsers
 * say which it is in Sec-Fetch-Site; one that does not must give our own origin, or none, as programs do.
 * Throws `input_invalid`, `media_type_unsupported`, `body_too_large`.
 */
export async function readForm(
  request: Request,
  publicUrl: string,
  patienceMs: number,
  bytes = FORM_BYTES,
): Promise<ReadonlyMap<string, string>> {
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  const isOurs =
    site === null ? origin === null || origin === new URL(publicUrl).origin : site === 'same-origin';
  if (!isOurs) {
    const reason = 'was sent from another site; open the link from the mail again';
    throw new Refusal('input_invalid', { field: 'The form', reason });
  }
  checkMediaType(request, 'application/x-www-form-urlencoded');
  const text = new TextDecoder().decode(await readBody(request, { bytes, patienceMs }));
  const fields = new Map<string, string>();
  for (const [field, value] of new URLSearchParams(text)) {
    if (fields.has(field)) throw new Refusal('input_invalid', { field, reason: 'is given twice' });
    fields.set(field, value);
  }
  return fields;
}
