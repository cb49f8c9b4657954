import type { Maintenance } from '../../../src/core/maintenance.ts';
import { SCHEMA_STEPS } from '../../../src/service/store/engine/sqlite/schema.ts';
import { openMaintenance } from '../../../src/service/maintenance/open.ts';

/** Looks after a database as the command line does, without a mail server. */
export function maintenanceOf(databaseUrl: string, now = Date.now): Maintenance {
  return openMaintenance({
    databaseUrl,
    outboxDirectory: '/nonexistent',
    publicUrl: 'http://127.0.0.1:7227',
    keysPath: '/nonexistent/okpay.keys',
    now,
  });
}

/** How many steps of the schema this okpay knows. */
export const KNOWN = SCHEMA_STEPS.length;
