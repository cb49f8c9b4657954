import type { Output } from '../../core/contract/operations.ts';
import { facts, type Block } from './blocks.ts';
import { showParty } from './payment.ts';
import type { Pen } from './pen.ts';
import { fieldName } from './field-name.ts';

type Approval = Output<'get-approval'>;

const SENTENCES: Readonly<Record<Approval['state'], string>> = {
  asked: 'It waits for a second person.',
  approved: 'It was approved and is done when its delay is over.',
  running: 'It is being done.',
  refused: 'It was refused: nothing was done.',
  done: 'It was done.',
  failed: 'It could not be done.',
  expired: 'Nobody decided in time: nothing was done.',
  stopped: 'The holder logged in with the second factor, which stopped it: nothing was done.',
};

/** Something that two members of staff decide. */
export function approvalBlocks(approval: Approval, pen: Pen): Block[] {
  const { id, act, holder, input, result = {}, state } = approval;
  const { reason, askedBy, askedAt, decidedBy, decidedAt, decisionReason, runsAt, endedAt } = approval;
  return [
    SENTENCES[state],
    facts(
      ['Approval', pen.text(id)],
      ['Act', pen.strong(act)],
      ['Holder', showParty(holder, pen)],
      ...Object.entries(input).map(([name, value]) => [fieldName(name), pen.text(value, 200)] as const),
      ['Asked by', pen.text(askedBy)],
      ['Asked at', pen.time(askedAt)],
      ['Reason', pen.text(reason, 200)],
      ['Decided by', decidedBy && pen.text(decidedBy)],
      ['Decided at', decidedAt && pen.time(decidedAt)],
      ['Their reason', decisionReason && pen.text(decisionReason, 200)],
      ['Done not before', runsAt && pen.time(runsAt)],
      ['Ended at', endedAt && pen.time(endedAt)],
      ...Object.entries(result).map(
        ([name, value]) => [`Result: ${fieldName(name).toLowerCase()}`, pen.text(value, 200)] as const,
      ),
    ),
    ...(state === 'asked'
      ? [
          `Next, by somebody else: ${pen.strong(`okpay admin approval approve ${pen.text(id)} --reason TEXT`)}`,
        ]
      : []),
  ];
}
