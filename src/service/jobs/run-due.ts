import { timestamp, type Deps } from '../deps.ts';

const SLICE = 100;
/** How long what failed for no reason of its own is left alone, in milliseconds. */
const PUT_OFF_MS = 60_000;

/** What is done to rows that say themselves when they are due. */
export type DueWork = {
  /** The rows, those that are due first before the others. */
  readonly rows: (limit: number) => Promise<readonly { id: string; dueAt: string }[]>;
  /** Does it for one: then it is not due any more. */
  readonly run: (id: string) => Promise<void>;
  readonly failed: (id: string, stack: string) => void;
  readonly putOff: (id: string, until: string) => Promise<void>;
};

/** Does what is due, only when `claim` says that it is this node's work. Gives when the next one is due. */
export async function runDue(
  deps: Deps,
  claim: () => Promise<boolean>,
  { rows: read, run, failed, putOff }: DueWork,
): Promise<string | undefined> {
  for (;;) {
    const rows = await read(SLICE);
    const now = timestamp(deps.now());
    const due = rows.filter(({ dueAt }) => dueAt <= now);
    if (due.length > 0 && !(await claim())) return undefined;
    for (const { id } of due) {
      try {
        await run(id);
      } catch (error) {
        // One that fails must not keep others, nor the mails, from their turn.
        failed(id, (error as Error).stack ?? String(error));
        await putOff(id, timestamp(deps.now() + PUT_OFF_MS));
      }
    }
    if (due.length < rows.length || rows.length === 0) return rows[due.length]?.dueAt;
  }
}
