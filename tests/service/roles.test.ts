import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  OPERATIONS,
  type Operation,
  type OperationName,
  type Role,
} from '../../src/core/contract/operations.ts';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { openHarness, type Harness } from '../harness.ts';

/** Who calls. Each stands in for one column of the table; `console` is nobody, on the machine itself. */
const CALLERS = ['nobody', 'holder', 'viewer', 'support', 'senior', 'admin', 'console'] as const;
type Caller = (typeof CALLERS)[number];

const RANKS: readonly Role[] = ['viewer', 'support', 'senior', 'admin'];

/** What the table promises: undefined when the caller may, else the refusal's code. */
function promised(role: Role, caller: Caller): string | undefined {
  if (role === 'anyone') return undefined;
  if (role === 'console') return caller === 'console' ? undefined : 'console_only';
  if (caller === 'nobody' || caller === 'console') return 'session_required';
  if (role === 'holder') return undefined;
  return RANKS.indexOf(caller) >= RANKS.indexOf(role) ? undefined : 'role_insufficient';
}

describe('who may do what (ASVS V8.2.1): every operation for every caller, no cell left out', () => {
  let harness: Harness;
  const tokens = new Map<Caller, string | undefined>();
  beforeAll(async () => {
    harness = await openHarness();
    await harness.staff('admin');
    tokens.set('holder', (await harness.holder('holder')).token);
    for (const role of ['viewer', 'support', 'senior', 'admin'] as const)
      tokens.set(role, (await harness.staff(role)).token);
  });
  afterAll(() => harness.close());

  const cells = (Object.entries(OPERATIONS) as [OperationName, Operation][]).flatMap(([name, { role }]) =>
    CALLERS.map((caller) => [name, caller, promised(role, caller)] as const),
  );

  test.each(cells)('%s for %s: %s', async (operation, caller, expected) => {
    // An input that no schema takes: what is decided before the input is looked at is who may call.
    const token = tokens.get(caller);
    const call = { operation, input: { not: 'a field' }, ...(token === undefined ? {} : { token }) };
    const error: unknown = await harness.service.perform(call, { console: caller === 'console' }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Refusal);
    expect((error as Refusal).code).toBe(expected ?? 'input_invalid');
  });

  test('support does not get the whole book, a senior does', async () => {
    const read = async (role: Caller) => {
      const token = tokens.get(role) ?? '';
      const answer = await harness.service.perform(
        { operation: 'export-journal', input: { format: 'csv', reason: 'closing' }, token },
        { console: false },
      );
      let text = '';
      if ('text' in answer) for await (const piece of answer.text) text += piece;
      return text;
    };
    await expect(read('support')).rejects.toMatchObject({ code: 'role_insufficient' });
    expect(await read('senior')).toContain('transfer');
  });
});
