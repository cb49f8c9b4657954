import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command, Option } from 'commander';
import type { Input, Output } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { parseCurrency, parsePositiveAmount, toWire } from '../../core/money.ts';
import { readPrivateJson, writePrivateJson } from '../../core/private-json.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { writeNewFile } from '../new-file.ts';
import { facts } from '../show/blocks.ts';

export type Options = {
  orders: string[];
  credit?: string[];
  currency: string;
  debtor?: string;
  debtorIban?: string;
  account?: string;
  fault?: Fault[];
  day?: string;
  folder: string;
};

type Fault = NonNullable<Input<'play-bank'>['faults']>[number];
type State = Output<'play-bank'>['state'];

const FAULTS: readonly Fault[] = [
  'delay',
  'reject',
  'partial',
  'return',
  'duplicate',
  'truncate',
  'wrong-sum',
  'late',
  'lose',
];

/** What the bank remembers, in its folder. */
const STATE_FILE = 'bank.json';

/** `okpay dev bank ORDER...`: plays a bank for one day, over files, to rehearse with; no money is behind it. */
export function bankCommand(run: Run<Options> = playBank) {
  const command = new Command()
    .argument('[orders...]', 'what the bank is to pay: pain.001 files')
    .option('--credit <reference:amount...>', 'a payment that came in, such as RF18XXXX:250.00')
    .option('--currency <code>', 'currency of what came in', 'EUR')
    .option('--debtor <name>', 'who paid what came in')
    .option('--debtor-iban <iban>', 'the account it was paid from')
    .option('--account <iban>', 'our account that it came to')
    .addOption(new Option('--fault <fault...>', 'how the bank errs today').choices(FAULTS))
    .option('--day <date>', 'the day to play, as 2026-11-26; today, or the day that was played last')
    .option('--folder <folder>', 'where the bank keeps what it knows, and writes', 'rehearsal-bank');
  return declare(command, run);
}

async function playBank(context: Context, options: Options): Promise<void> {
  const { folder, currency, debtor, debtorIban, account, day } = options;
  const state = readState(folder);
  const credits = (options.credit ?? []).map((text) => ({
    ...parseCredit(text, currency),
    ...(debtor === undefined ? {} : { debtor }),
    ...(debtorIban === undefined ? {} : { debtorIban }),
  }));
  const client = await context.strangerClient();
  const answer = await client.call('play-bank', {
    credits,
    orders: options.orders.map((file) => ({ name: basename(file).slice(0, 200), xml: readText(file) })),
    faults: options.fault ?? [],
    ...(state === undefined ? {} : { state }),
    ...(account === undefined ? {} : { account }),
    ...(day === undefined ? {} : { day }),
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files: { kind: 'statement' | 'report'; file: string }[] = [];
  for (const { kind, name, xml } of answer.files) {
    await writeNewFile(join(folder, name), oneChunk(xml), false);
    files.push({ kind, file: join(folder, name) });
  }
  writePrivateJson(folder, join(folder, STATE_FILE), answer.state);
  const statements = files.filter(({ kind }) => kind === 'statement').map(({ file }) => file);
  const { waiting, unsent } = answer.state;
  await context.show.answer(
    { rehearsal: true, day: answer.day, files, waiting: waiting.length, unsent: unsent.length },
    (pen) => [
      'This is a bank to rehearse with, not a real one: no money is behind what it writes.',
      facts(
        ['Day', pen.text(answer.day)],
        ...files.map(
          ({ kind, file }) => [kind === 'statement' ? 'Statement' : 'Report', pen.text(file, 500)] as const,
        ),
        ['Still to pay or return', waiting.length > 0 ? String(waiting.length) : undefined],
        ['Statements not sent yet', unsent.length > 0 ? String(unsent.length) : undefined],
      ),
      ...(files.length === 0 ? ['Nothing moved, so the bank wrote nothing.'] : []),
      statements.length > 0
        ? `Next: ${pen.strong(`okpay admin deposit import ${pen.text(statements.join(' '), 500)}`)}`
        : undefined,
    ],
  );
}

/** What the bank remembers; undefined before its first day. What is wrong with it the service says. */
function readState(folder: string): State | undefined {
  try {
    return readPrivateJson(folder, join(folder, STATE_FILE)) as State | undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { path, reason } = error.facts;
    throw new Refusal('usage_invalid', {
      reason: `The bank remembers things in “${path}”, and that cannot be used: ${reason} Take another --folder.`,
    });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Refusal('usage_invalid', {
      reason: `“${file}” cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    });
  }
}

function parseCredit(text: string, code: string) {
  const at = text.lastIndexOf(':');
  if (at < 1)
    throw new Refusal('usage_invalid', {
      reason: '--credit takes REFERENCE:AMOUNT, such as RF18XXXX:250.00.',
    });
  const currency = parseCurrency(code);
  const { minor } = parsePositiveAmount(text.slice(at + 1), currency);
  return { reference: text.slice(0, at), amount: toWire(minor, currency) };
}

async function* oneChunk(text: string): AsyncGenerator<string> {
  yield text;
}
