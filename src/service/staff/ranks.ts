import { Refusal } from '../../core/contract/refusals.ts';

/** Roles of staff, the lowest first: each may do what the ones before may. */
const RANKS: readonly string[] = ['viewer', 'support', 'senior', 'admin'];

/** How high a role is; below zero for who is no staff. */
export function rankOf(role: string | null | undefined): number {
  return RANKS.indexOf(role ?? '');
}

/** Throws `role_insufficient` when the role somebody has is lower than the one that is needed. */
export function checkRank(role: string | null | undefined, needed: string): void {
  if (rankOf(role) < rankOf(needed)) throw new Refusal('role_insufficient', { role: needed });
}
