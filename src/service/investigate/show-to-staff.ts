import type { Output } from '../../core/contract/operations.ts';
import type { Money } from '../../core/money.ts';
import { maskAccounts, maskEmail } from '../identity/mask.ts';
import type { AccountLabel, TransferView } from '../ledger/read.ts';
import { showTransfer, systemName } from '../ledger/show-transfer.ts';

type Shown = Output<'get-transfer'>;

/** A transfer as staff see it who look at `holder`'s account: addresses and numbers of bank accounts are masked. */
export function showToStaff(row: TransferView, holder: string, after?: Money): Shown {
  const shown = showTransfer(row, holder, after);
  return { ...shown, from: masked(shown.from), to: masked(shown.to) };
}

function masked(party: Shown['from']): Shown['from'] {
  return party.email === undefined ? party : { ...party, email: maskEmail(party.email) };
}

/** What staff read for an account: its holder, or what the system's account is for, of a bank only the last digits. */
export function labelOf({ name, kind, owner, ownerName }: AccountLabel): { name: string; holder?: string } {
  if (owner !== null) return { name: ownerName ?? owner, holder: owner };
  if (kind === 'clearing') return { name: `Bank ${maskAccounts(name.split(':')[1] ?? '')}`.trim() };
  return { name: systemName(kind) };
}

/** The details of a transfer with the numbers of bank accounts in them masked. */
export function detailsForStaff(details: string | null): Record<string, string> {
  const all = details === null ? {} : (JSON.parse(details) as Record<string, string>);
  return Object.fromEntries(Object.entries(all).map(([name, text]) => [name, maskDetail(name, text)]));
}

/** Deposit references and ids have long runs of letters and digits too, and hide nothing. */
function maskDetail(name: string, text: string): string {
  return ['reference', 'assigns'].includes(name) ? text : maskAccounts(text);
}
