import type { Output, Parsed } from '../../../core/contract/operations.ts';
import { payAll, type Ending } from '../../payments/pay.ts';
import { inputRefusal } from '../../read-input.ts';
import type { UseCase } from '../use-case.ts';

type Row = Parsed<'create-transfers'>['transfers'][number];
type Malformed = Extract<Row, { malformed: unknown }>;
type Result = Output<'create-transfers'>['results'][number];

/**
 * Pays many times, each row under its own key and with its own ending, in the order of the rows: done with its
 * transfer, refused with its problem, or undecided, which asking again under the same keys settles. A row that is not
 * written right is refused alone. Every row could be a create-transfer of its own, and is the same to its key.
 */
export const createTransfers: UseCase<'create-transfers'> = async (deps, actor, input) => {
  const { transfers: rows, code } = input;
  const endings = (await payAll(deps, { ...actor, id: actor.user }, rows.filter(isOrder), code)).values();
  return {
    results: rows.map((row) => resultOf(row, isOrder(row) ? endings.next().value : endingOfMalformed(row))),
  };
};

function isOrder(row: Row): row is Exclude<Row, Malformed> {
  return !('malformed' in row);
}

function endingOfMalformed({ malformed }: Malformed): Ending {
  return { state: 'refused', refusal: inputRefusal(malformed) };
}

function resultOf({ key }: Row, ending: Ending | undefined): Result {
  if (!ending) throw new Error('every order has an ending');
  const named = key === undefined ? {} : { key };
  return ending.state === 'done'
    ? { ...named, state: 'done', transfer: ending.transfer }
    : { ...named, state: ending.state, problem: ending.refusal.toProblem() };
}
