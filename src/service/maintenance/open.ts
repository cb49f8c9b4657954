import type { Maintenance } from '../../core/maintenance.ts';
import { placeOfKeys } from '../identity/keyring.ts';
import { openCaretaker } from '../store/engine/open-caretaker.ts';
import { openEngine } from '../store/engine/open.ts';
import { backUp } from './back-up.ts';
import { examine, type ExamineSettings } from './examine.ts';
import { restore } from './restore.ts';
import { databaseStatus } from './status.ts';
import { verifyDatabase } from './verify.ts';

export type MaintenanceSettings = Omit<ExamineSettings, 'now' | 'keys'> & {
  /** `sqlite:PATH` or `postgres://…`. */
  readonly databaseUrl: string;
  /** The file with the keys that seal secrets; beside an embedded database unless given. */
  readonly keysPath?: string;
  readonly now?: () => number;
};

/** What is done with the database itself. Nothing is opened before it is asked for. */
export function openMaintenance(settings: MaintenanceSettings): Maintenance {
  const { databaseUrl, now = Date.now } = settings;
  const open = () => openCaretaker(databaseUrl);
  return {
    status: async () => databaseStatus(await open()),
    migrate: async () => {
      const caretaker = await open();
      const { engine, place } = caretaker;
      const { version: from } = await caretaker.look();
      await (await openEngine(databaseUrl)).close();
      return { engine, place, from, to: (await caretaker.look()).version };
    },
    verify: async () => verifyDatabase(await open()),
    backUp: async (file, force) => backUp(await open(), file, force),
    restore: async (file, force) => restore(await open(), file, force),
    examine: () => examine(open, { ...settings, keys: placeOfKeys(settings), now }),
  };
}
