import { Refusal } from '../../../core/contract/refusals.ts';
import type { Engine } from './engine.ts';
import type { SqliteEngine } from './sqlite/open.ts';

/** An engine that can say who holds it, where only one process may. */
export type OpenEngine = Engine & Pick<SqliteEngine, 'announce'>;

/**
 * Opens the database a URL names: `sqlite:PATH` or `postgres://…`. Only that engine is loaded. Throws what the engine
 * throws, or `input_invalid`.
 */
export async function openEngine(url: string): Promise<OpenEngine> {
  if (url.startsWith('sqlite:')) {
    const { openSqlite } = await import('./sqlite/open.ts');
    return openSqlite({ path: url.slice('sqlite:'.length) });
  }
  if (/^postgres(ql)?:/.test(url)) {
    const { openPostgres } = await import('./postgres/open.ts');
    return { ...(await openPostgres({ url })), announce: () => undefined };
  }
  throw new Refusal('input_invalid', {
    field: 'OKPAY_DATABASE_URL',
    reason: 'takes sqlite:PATH or postgres://user:password@host:port/database',
  });
}
