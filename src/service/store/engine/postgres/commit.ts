import type pg from 'pg';
import { isRolledBack } from './failures.ts';

/** How a COMMIT ended. `unknown` when it may have been written, or may be lost by the next failover. */
export type Ended =
  | { readonly state: 'committed' }
  | { readonly state: 'rolled back'; readonly error: unknown }
  | { readonly state: 'unknown' };

/** A notice about nothing: every warning has another class. */
const SUCCESS_CLASS = '00';

/**
 * Commits and says what is certain; never rejects. After a failed statement PostgreSQL answers ROLLBACK, without an
 * error. A warning means that it was written here and perhaps not on the standby ("canceling wait for synchronous
 * replication"): that is not done. A connection that ends meanwhile says nothing either way. Nothing here cancels it:
 * the server would then answer success with that warning.
 */
export async function commit(client: pg.ClientBase): Promise<Ended> {
  let warned = false;
  const warn = ({ code }: { code: string | undefined }): void => {
    if (!code?.startsWith(SUCCESS_CLASS)) warned = true;
  };
  client.on('notice', warn);
  try {
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT')
      return { state: 'rolled back', error: new Error(`COMMIT was answered ${command}`) };
    return { state: warned ? 'unknown' : 'committed' };
  } catch (error) {
    return isRolledBack(error) ? { state: 'rolled back', error } : { state: 'unknown' };
  } finally {
    client.off('notice', warn);
  }
}
