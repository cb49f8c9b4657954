import { ACTIONS, actionRow, type Action, type StoryKind } from '../../core/contract/actions.ts';

/** The part of an account's story that a recorded action belongs to; one of a newer version counts as a change. */
export function kindOfAction(action: string): StoryKind {
  return actionRow(action)?.story ?? 'change';
}

/** All actions of a kind. */
export function actionsOfKind(kind: StoryKind): Action[] {
  return (Object.keys(ACTIONS) as Action[]).filter((action) => kindOfAction(action) === kind);
}

/** An action in a sentence. */
export function textOfAction(action: string): string {
  return actionRow(action)?.text ?? action;
}
