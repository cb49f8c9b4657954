import { inSlices, SafeXml } from './safe-xml.ts';
import type { StatementEvent } from './statement-events.ts';
import { StatementReader, type StatementLimits } from './statement-reader.ts';

export { StatementError } from './statement-error.ts';
export type * from './statement-events.ts';
export type { StatementLimits } from './statement-reader.ts';

/**
 * Reads a file of bank statements, ISO 20022 camt.053 versions 02 to 13, alone or in an envelope with a business application
 * header, from its bytes in chunks of any size, in memory that does not grow with the file but for about 150 bytes an entry
 * that tell like entries apart.
 *
 * Tells, for each statement, its head, its entries and its end. The figures of a statement are proven only at its end (see
 * `proveStatement`), and the file only when the generator is done: book nothing before, or book it in a transaction that an
 * error undoes. Throws StatementError for a file that is not such a statement, is not sound, or says what its own figures
 * deny; errors of the source are passed on.
 *
 * Held to the schema is what is read: parts that are not read (addresses, charges, agents, cards and the like) need only be
 * well-formed. A message of the right name in a version outside 02 to 13 is refused rather than guessed at.
 */
export async function* readStatements(
  source: AsyncIterable<Uint8Array>,
  limits: StatementLimits = {},
): AsyncGenerator<StatementEvent> {
  for await (const events of readStatementPieces(source, limits)) yield* events;
}

/** The same, with the events of each small piece of the file together: waiting for each alone takes longer than reading it. */
export async function* readStatementPieces(
  source: AsyncIterable<Uint8Array>,
  limits: StatementLimits = {},
): AsyncGenerator<readonly StatementEvent[]> {
  const reader = new StatementReader(limits);
  const xml = new SafeXml(reader);
  for await (const chunk of source) {
    for (const slice of inSlices(chunk)) {
      xml.write(slice);
      yield reader.take();
    }
  }
  xml.end();
  yield reader.take();
  reader.end(xml.line);
}
