import type { Contents, Soundness, Verification } from '../../core/maintenance.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { verifyChain } from '../audit-log/verify.ts';
import { auditLedger } from '../ledger/audit.ts';
import { countContents } from '../store/contents.ts';
import type { Caretaker } from '../store/engine/caretaker.ts';
import type { Reader } from '../store/engine/engine.ts';
import { onSnapshot } from './on-snapshot.ts';

/** Reads every page of a database, and derives its ledger again. Throws `database_unsound` with what was found. */
export async function verifyDatabase(caretaker: Caretaker): Promise<Verification> {
  const { engine, place, known } = caretaker;
  const { version } = await caretaker.look();
  if (version > known) throw new Refusal('database_newer', { found: String(version), known: String(known) });
  if (version === 0)
    return { engine, place, sound: true, pages: 'nothing is there', ledgerVerified: false, findings: [] };
  const { how: pages, findings: damage } = await caretaker.checkPages();
  // What is derived from damaged pages says nothing more.
  if (damage.length > 0) throw unsound(damage);
  const proof = await onSnapshot(caretaker, (reader) => proveContents(reader, version, known));
  if (!proof.sound) throw unsound(proof.findings);
  return { engine, place, pages, ...proof };
}

/** Derives the ledger and the chain of the audit log again, when the schema is the newest, and counts what there is. */
export async function proveContents(
  reader: Reader,
  version: number,
  known: number,
): Promise<Omit<Soundness, 'pages'> & Partial<Contents>> {
  if (version !== known) return { sound: true, ledgerVerified: false, findings: [] };
  const ledger = await auditLedger(reader);
  const { head, broken } = await verifyChain(reader);
  const inLog = broken ? [`Record ${broken.seq} of the audit log ${broken.why}.`] : [];
  return {
    sound: ledger.sound && !broken,
    ledgerVerified: true,
    ...(head === undefined ? {} : { auditHead: head }),
    findings: [...ledger.findings, ...inLog],
    ...(await countContents(reader)),
  };
}

function unsound(findings: readonly string[]): Refusal {
  return new Refusal('database_unsound', { count: String(findings.length), findings: findings.join('\n') });
}
