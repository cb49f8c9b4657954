import { Refusal } from '../../../core/contract/refusals.ts';
import { LIMITS } from '../../../core/contract/schemas.ts';
import { record } from '../../audit-log/record.ts';
import { readReport } from '../../rails/read-report.ts';
import { StatementError } from '../../rails/statement-error.ts';
import { takeReport } from '../../withdrawals/report.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Takes a pain.002 file: what a bank says of payments it was given. It is read whole before anything is done. Throws
 * `report_invalid` with the line and the reason, `body_too_large`.
 */
export const importReport: UseCase<'import-report'> = async (deps, actor, _input, { body }) => {
  if (!(body as AsyncIterable<Uint8Array> | undefined))
    throw new Refusal('input_invalid', { field: 'body', reason: 'must be the bytes of a pain.002 file' });
  const report = await readReport(limited(body)).catch((error: unknown) => {
    if (!(error instanceof StatementError)) throw error;
    throw new Refusal('report_invalid', { line: String(error.line), reason: error.reason });
  });
  const came = await takeReport(deps, report, actor.user);
  const { messageId, batch, sent, failed, unchanged, unknownCount } = came;
  await deps.engine.transact((tx) =>
    record(tx, deps, actor, {
      action: 'report-imported',
      ...(batch === undefined ? {} : { object: batch }),
      facts: {
        messageId,
        sent: String(sent),
        failed: String(failed),
        unchanged: String(unchanged),
        unknown: String(unknownCount),
      },
    }),
  );
  return came;
};

async function* limited(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > LIMITS.reportBytes)
      throw new Refusal('body_too_large', { limit: String(LIMITS.reportBytes) });
    yield chunk;
  }
}
