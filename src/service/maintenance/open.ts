import type { Maintenance } from '../../core/maintenance.ts';
import { openCaretaker } from '../store/engine/caretaker.ts';
import { openEngine } from '../store/engine/open.ts';
import { backUp } from './back-up.ts';
import { restore } from './restore.ts';
import { databaseStatus } from './status.ts';
import { verifyDatabase } from './verify.ts';

export type MaintenanceSettings = {
  /** `sqlite:PATH` or `postgres://…`. */
  readonly databaseUrl: string;
};

/** What is done with the database itself. Nothing is opened before it is asked for. Throws `input_invalid`. */
export async function openMaintenance({ databaseUrl }: MaintenanceSettings): Promise<Maintenance> {
  const caretaker = await openCaretaker(databaseUrl);
  const { engine, place } = caretaker;
  return {
    status: () => databaseStatus(caretaker),
    migrate: async () => {
      const { version: from } = await caretaker.look();
      await (await openEngine(databaseUrl)).close();
      return { engine, place, from, to: (await caretaker.look()).version };
    },
    verify: () => verifyDatabase(caretaker),
    backUp: (file, force) => backUp(caretaker, file, force),
    restore: (file, force) => restore(caretaker, file, force),
    examine: async () => [],
  };
}
