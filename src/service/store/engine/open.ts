import { Refusal } from '../../../core/contract/refusals.ts';
import { openSqlite, type SqliteEngine } from './sqlite/open.ts';

/** Opens the database a URL names: `sqlite:PATH`. Throws what the engine throws, or `input_invalid`. */
export async function openEngine(url: string): Promise<SqliteEngine> {
  if (url.startsWith('sqlite:')) return openSqlite({ path: url.slice('sqlite:'.length) });
  throw new Refusal('input_invalid', { field: 'OKPAY_DATABASE_URL', reason: 'takes sqlite:PATH' });
}
