import { Command, InvalidArgumentError } from 'commander';
import { Refusal } from '../../../core/contract/refusals.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { facts } from '../../show/blocks.ts';

export type Options = { expect?: string };

/** `okpay admin audit verify`: derives the chain of the audit log again; throws `audit_unsound`, naming the first broken row. */
export function verifyAuditCommand(run: Run<Options> = verifyAudit) {
  const command = new Command().option(
    '--expect <seq:hash>',
    'what an earlier run ended with: also finds a log that was cut off, rewritten, or restored from an old backup',
    readHead,
  );
  return declare(command, run);
}

async function verifyAudit(context: Context, { expect }: Options): Promise<void> {
  const client = await context.client();
  const found = await client.call('verify-audit', expect === undefined ? {} : { expect });
  const { broken } = found;
  if (broken)
    throw new Refusal('audit_unsound', {
      record: broken.id === undefined ? broken.seq : `${broken.seq} (${broken.id})`,
      reason: broken.why,
    });
  await context.show.answer(found, (pen) => [
    facts(['Records', String(found.records)], ['Head', found.head && pen.strong(pen.text(found.head))]),
    pen.good('Sound: no record was changed, removed or put in.'),
    found.head && 'Keep the head somewhere else, and give it to the next run with --expect.',
  ]);
}

function readHead(text: string): string {
  if (/^\d{1,18}:[\w-]{43}$/.test(text)) return text;
  throw new InvalidArgumentError('It is the head that an earlier run showed, such as 12:abc…');
}
