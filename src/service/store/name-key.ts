/** What is equal for two names that people would take for the same. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}
