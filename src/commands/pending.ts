import { Command, Option } from 'commander';
import type { OkpayClient } from '../core/client.ts';
import { Refusal } from '../core/contract/refusals.ts';
import { openJournal, type Found, type Journal } from '../core/journal.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { settleEarlier, wishSentence } from './settle-earlier.ts';
import { facts, table } from './show/blocks.ts';

export type Options = { list?: boolean; abandon?: string };

/** `okpay pending`: finds out what became of payments that were interrupted, and so ends them one way or the other. */
export function pendingCommand(run: Run<Options> = pending) {
  const command = new Command()
    .description(
      'Finds out what became of payments that were interrupted. One that never arrived is paid now if its price still holds; otherwise it never will be.',
    )
    .option('--list', 'only list them, ask nothing')
    .addOption(
      new Option('--abandon <key>', 'make sure that this one never pays, unless it already has').conflicts(
        'list',
      ),
    );
  return declare(command, run);
}

async function pending(context: Context, { list, abandon }: Options): Promise<void> {
  const journal = openJournal(context.places.data, context.profile.name, context.now);
  if (list) return listPending(context, journal);
  const client = await context.client();
  if (abandon !== undefined) return abandonOne(context, client, journal, abandon);
  const { user } = await client.call('get-me', {});
  const { settled } = await settleEarlier(context, client, journal, user.id);
  const others = journal.list(context.place).found.filter(({ intent }) => intent.account.id !== user.id);
  for (const { intent } of others)
    context.show.note(`${intent.key} is a payment of ${intent.account.email}: log in as them to settle it.`);
  await context.show.answer({ settled }, (pen) => [
    table(
      ['Payment', 'Outcome', 'Id'],
      settled.map(({ asked, state, transfer, withdrawal }) => [
        pen.text(wishSentence(asked)),
        state === 'done' ? pen.good(withdrawal ? 'on its way' : 'paid') : 'not paid, and never will be',
        pen.text(transfer?.id ?? withdrawal?.id ?? ''),
      ]),
      'Nothing is pending.',
    ),
  ]);
}

async function listPending(context: Context, journal: Journal): Promise<void> {
  const { found, damaged } = journal.list(context.place);
  const pending = found.map((each) => ({
    key: each.intent.key,
    madeAt: each.intent.madeAt,
    account: each.intent.account,
    asked: each.intent.asked,
    figures: each.intent.figures,
    underWay: isLive(journal, each),
  }));
  const unreadable = damaged.map(({ facts: { path, reason } }) => ({ path, reason }));
  await context.show.answer({ pending, unreadable }, (pen) => [
    table(
      ['Payment', 'Since', 'State', 'Key'],
      pending.map(({ key, madeAt, asked, underWay }) => [
        pen.text(wishSentence(asked)),
        pen.shortTime(madeAt),
        underWay ? 'under way' : 'interrupted',
        pen.text(key, 255),
      ]),
      unreadable.length > 0 ? '' : 'Nothing is pending.',
    ),
    ...damaged.map((each) => pen.bad(pen.text(each.message, 2_000))),
  ]);
}

function isLive(journal: Journal, found: Found): boolean {
  const open = journal.claim(found);
  if (typeof open === 'string') return open === 'live';
  open.leave();
  return false;
}

async function abandonOne(
  { show, place }: Context,
  client: OkpayClient,
  journal: Journal,
  key: string,
): Promise<void> {
  const found = journal.list(place).found.find(({ intent }) => intent.key === key);
  const outcome = await client.call('abandon-intent', { key });
  const open = found && journal.claim(found);
  // Whichever way it ended, the service knows it for good, and this command tells it.
  if (open && typeof open !== 'string' && outcome.state !== 'unknown_key') open.close();
  if (outcome.state === 'done')
    throw new Refusal('intent_done', { key, transfer: outcome.transfer?.id ?? key });
  const problem = Refusal.fromProblem(outcome.problem);
  if (outcome.state !== 'refused' || !problem) throw new Refusal('outcome_unknown');
  await show.answer(outcome, (pen) => [
    `${pen.text(key, 255)} can never pay any more.`,
    facts(
      ['Payment', found && pen.text(wishSentence(found.intent.asked))],
      ['Because', pen.text(problem.message)],
    ),
  ]);
}
