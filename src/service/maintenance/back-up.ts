import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Backup } from '../../core/maintenance.ts';
import type { Caretaker } from '../store/engine/caretaker.ts';
import { checkPlace, publish } from './publish.ts';
import { proveContents } from './verify.ts';

/**
 * Writes a copy of one moment of the database into a file that only the user can read, whole and proved or not at all.
 * Throws `usage_invalid` when the file stands in the way, `backup_unsound` when the books in it are not sound: it is
 * written all the same, because it may be the best there is.
 */
export async function backUp(caretaker: Caretaker, path: string, force: boolean): Promise<Backup> {
  const file = resolve(path);
  checkPlace(file, force);
  const { engine, place, known } = caretaker;
  const { version: schema } = await caretaker.look();
  if (schema === 0) throw new Refusal('not_found', { thing: 'database', id: place });
  const draft = `${file}.${randomBytes(6).toString('hex')}.partial`;
  const { proof, how: pages } = await publish(draft, file, force, () =>
    caretaker.backUp(draft, ({ reader, version }) => proveContents(reader, version, known)),
  );
  if (!proof.sound)
    throw new Refusal('backup_unsound', {
      file,
      count: String(proof.findings.length),
      findings: proof.findings.join('\n'),
    });
  return { file, bytes: statSync(file).size, engine, place, schema, pages, ...proof };
}
