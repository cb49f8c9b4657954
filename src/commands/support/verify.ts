import { Command } from 'commander';
import type { Output } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { AnsweredNo } from '../io.ts';
import { facts, type Block } from '../show/blocks.ts';
import type { Pen } from '../show/pen.ts';

export type Options = { code: string };

/** `okpay support verify CODE`: whether a mail, or what somebody from support says, is genuine. */
export function verifyProofCommand(run: Run<Options> = verifyProof) {
  return declare(
    new Command().argument('<code>', 'the code at the end of the mail: OKP-XXXX-XXXX-XXXX'),
    run,
  );
}

async function verifyProof(context: Context, { code }: Options): Promise<void> {
  const client = await context.strangerClient();
  const proof = await client.call('verify-support-code', { code });
  await context.show.answer(proof, (pen) => (proof.genuine ? genuine(proof, pen) : notOurs(pen)));
  if (!proof.genuine)
    throw new AnsweredNo(new Refusal('not_found', { thing: 'mail with the code', id: code }));
}

function genuine({ subject, kind, sentAt, to }: Output<'verify-support-code'>, pen: Pen): Block[] {
  return [
    pen.good('This code is ours.'),
    facts(
      ['About', pen.text(subject ?? (kind ?? '').replaceAll('-', ' '))],
      ['Sent', sentAt && pen.time(sentAt)],
      ['To', to && pen.text(to, 254)],
    ),
    'If that is not the mail you have, or not your address, somebody copied the code from another mail: do not trust it.',
  ];
}

function notOurs(pen: Pen): Block[] {
  return [
    pen.bad('Not ours: we have given out no such code.'),
    'Type it as it is in the mail, and ask again. If the answer stays the same, the mail does not come from here: open no link in it, and tell nobody a code or a password.',
  ];
}
