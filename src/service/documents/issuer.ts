import { timestamp, type Deps } from '../deps.ts';

/** Who gives a document out, and when. */
export type Issuer = { readonly operator: string; readonly url: string; readonly at: string };

/** Who gives a document out now. */
export function issuerOf({ operator, publicUrl, now }: Pick<Deps, 'operator' | 'publicUrl' | 'now'>): Issuer {
  return { operator, url: publicUrl, at: timestamp(now()) };
}

/** A time of a document for people, all through in UTC: `2026-10-03 09:12 UTC`. */
export function documentTime(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}
