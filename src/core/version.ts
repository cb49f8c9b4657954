import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version of this okpay, from its package.json, which is above this file whether or not it is bundled. */
export function okpayVersion(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Partial<
        Record<'name' | 'version', string>
      >;
      if (found.name === 'okpay' && found.version !== undefined) return found.version;
    } catch {
      // Not in this folder: in one above it.
    }
  }
  return 'unknown';
}
