import { Refusal } from '../../../core/contract/refusals.ts';
import type { Caretaker } from './caretaker.ts';

/** The caretaker of the database a URL names. Only that engine is loaded. Throws `input_invalid`. */
export async function openCaretaker(url: string): Promise<Caretaker> {
  if (url.startsWith('sqlite:')) {
    const { sqliteCaretaker } = await import('./sqlite/caretaker.ts');
    return sqliteCaretaker(url.slice('sqlite:'.length));
  }
  if (/^postgres(ql)?:/.test(url)) {
    const { postgresCaretaker } = await import('./postgres/caretaker.ts');
    return postgresCaretaker(url);
  }
  throw new Refusal('input_invalid', {
    field: 'OKPAY_DATABASE_URL',
    reason: 'takes sqlite:PATH or postgres://user:password@host:port/database',
  });
}
