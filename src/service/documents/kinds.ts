const NAMES: Readonly<Record<string, string>> = {
  transfer: 'Payment',
  conversion: 'Conversion',
  deposit: 'Deposit',
  assignment: 'Deposit',
  withdrawal: 'Withdrawal',
  return: 'Returned withdrawal',
  adjustment: 'Adjustment',
  reversal: 'Reversal',
};

/** What a document calls a transfer, by its kind. */
export function kindName(kind: string): string {
  return NAMES[kind] ?? `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
}
