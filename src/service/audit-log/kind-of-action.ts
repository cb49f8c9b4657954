import { ACTIONS, type Action } from '../../core/contract/actions.ts';

/** What part of an account's story an action belongs to. */
export type ActionKind = 'login' | 'change' | 'restriction' | 'staff' | 'note' | 'case';

/** By how the names of actions begin or end; everything else is a change. */
const KINDS: readonly (readonly [ActionKind, RegExp])[] = [
  ['login', /^(login|logout|session)-/],
  ['note', /^note-/],
  ['case', /^cases?-/],
  ['restriction', /restrict|lift|unlock/],
  ['staff', /^staff-|-looked-at$|-found$|-searched$|-traced$/],
];

/** The kind of a recorded action, also of one that a newer version wrote. */
export function kindOfAction(action: string): ActionKind {
  return KINDS.find(([, pattern]) => pattern.test(action))?.[0] ?? 'change';
}

/** All actions of a kind. */
export function actionsOfKind(kind: ActionKind): Action[] {
  return (Object.keys(ACTIONS) as Action[]).filter((action) => kindOfAction(action) === kind);
}

/** An action in a sentence. */
export function textOfAction(action: string): string {
  return Object.hasOwn(ACTIONS, action) ? ACTIONS[action as Action].text : action;
}
