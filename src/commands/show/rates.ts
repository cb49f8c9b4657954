import type { Output } from '../../core/contract/operations.ts';
import { facts, type Block } from './blocks.ts';
import type { Pen } from './pen.ts';

type Report = Output<'import-rates'>;

/** What was taken of a file of rates. */
export function ratesBlocks(report: Report, pen: Pen): Block[] {
  const { firstDay, lastDay, added, alreadyThere, notActive, doubted } = report;
  return [
    facts(
      ['Source', pen.text(report.source)],
      ['Days', firstDay === lastDay ? pen.text(lastDay) : `${pen.text(firstDay)} to ${pen.text(lastDay)}`],
      ['Added', String(added)],
      ['There already', String(alreadyThere)],
      ['Of currencies that are no more', notActive === 0 ? undefined : String(notActive)],
    ),
    ...doubted.map(({ currency, rate, before }) =>
      pen.warn(
        before === undefined
          ? `${pen.text(currency)} is new: no price is made of ${pen.text(rate)} until two people set it.`
          : `${pen.text(currency)} jumped from ${pen.text(before)} to ${pen.text(rate)}: no price is made of it until two people set one.`,
      ),
    ),
    doubted[0]
      ? `If it is right: ${pen.strong(`okpay admin rates set ${pen.text(doubted[0].currency)} ${pen.text(doubted[0].rate)} --good-for 1d`)}`
      : undefined,
  ];
}
