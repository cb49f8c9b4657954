import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ID_PREFIXES, kindOfId, makeIdMaker, type IdKind } from '../../src/core/contract/ids.ts';
import { REFUSALS, Refusal, type RefusalCode } from '../../src/core/contract/refusals.ts';

const codes = Object.keys(REFUSALS) as RefusalCode[];
const kinds = Object.keys(ID_PREFIXES) as IdKind[];

/** The statuses the service answers with, and the exit codes of design section 5. */
const STATUSES = [400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 429, 431, 500, 503];
const EXITS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 130];

describe('the refusals table', () => {
  test.each(codes)('%s has a status, an exit code and whole sentences', (code) => {
    const row = REFUSALS[code];
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(STATUSES).toContain(row.status);
    expect(EXITS).toContain(row.exit);
    expect(row.title).toMatch(/^[A-Z][^.]+$/);
    // Facts are sentences or parts of one, and a missing fact must never show as “undefined”.
    const facts = new Proxy({}, { get: () => 'A fact.' });
    for (const given of [facts, {}]) {
      expect(row.text(given)).toMatch(/\S/);
      expect(row.text(given)).not.toMatch(/undefined|null|NaN|\[object/);
      expect(row.next?.(given) ?? 'okpay').not.toMatch(/undefined|null|\[object/);
    }
    expect(row.text(facts)).toMatch(/[.?!]$/);
  });

  test('says exit code 7 of what expired, 10 of what nobody knows, 11 of what did not happen, 4 of who may not enter', () => {
    const byExit = (exit: number) => codes.filter((code) => REFUSALS[code].exit === exit);
    expect(byExit(7)).toEqual(['quote_expired']);
    expect(byExit(10)).toContain('outcome_unknown');
    for (const code of byExit(11)) expect([408, 503], code).toContain(REFUSALS[code].status);
    for (const code of codes.filter((each) => REFUSALS[each].status === 401))
      expect(REFUSALS[code].exit).toBe(4);
    for (const code of codes.filter((each) => REFUSALS[each].status === 404))
      expect(REFUSALS[code].exit).toBe(5);
    expect(byExit(1)).toContain('unexpected');
  });

  test('property: a refusal goes over the wire and comes back the same', () => {
    const facts = fc.dictionary(fc.string(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        facts,
        fc.option(fc.string({ minLength: 1 })),
        (code, given, id) => {
          const refusal = new Refusal(code, given, id ?? undefined);
          const problem: unknown = JSON.parse(JSON.stringify(refusal.toProblem()));
          const again = Refusal.fromProblem(problem);
          expect(again).toBeInstanceOf(Refusal);
          expect(again?.message).toBe(refusal.message);
          expect([again?.code, again?.status, again?.exitCode, again?.id, again?.next]).toEqual([
            refusal.code,
            refusal.status,
            refusal.exitCode,
            refusal.id,
            refusal.next,
          ]);
          expect({ ...again?.facts }).toEqual({ ...given });
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('what is no problem of ours is none, and never an error of another kind', () => {
    const others = [null, undefined, 1, 'x', [], {}, { code: 'no_such' }, { code: 1 }, { code: 'toString' }];
    for (const body of [...others, { code: '__proto__' }, { status: 404 }]) {
      expect(Refusal.fromProblem(body)).toBeUndefined();
    }
    for (const facts of [null, undefined, 'x', 1, [], { reason: 1 }, { reason: null }, { reason: {} }]) {
      const read = Refusal.fromProblem({ code: 'amount_invalid', facts, instance: 1 });
      expect(read?.code, JSON.stringify(facts)).toBe('amount_invalid');
      expect(read?.message).not.toMatch(/object/);
      expect(read?.id).toBeUndefined();
    }
  });
});

describe('ids', () => {
  test('say what they name, and nothing else passes for one', () => {
    const newId = makeIdMaker(Date.now, randomBytes);
    expect(new Set(Object.values(ID_PREFIXES)).size).toBe(kinds.length);
    for (const kind of kinds) {
      const id = newId(kind);
      expect(id).toMatch(/^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$/);
      expect(kindOfId(id)).toBe(kind);
      for (const other of [
        id.toUpperCase(),
        `${id}0`,
        id.slice(0, -1),
        ` ${id}`,
        `${id}\n`,
        id.replace('_', '-'),
      ]) {
        expect(kindOfId(other), other).toBeUndefined();
      }
    }
    expect(kindOfId('xxx_00000000000000000000000000')).toBeUndefined();
    expect(kindOfId('trf_0000000000000000000000000l')).toBeUndefined();
  });

  test('property: sort by the time they were made, and never come twice, also when the clock stands still or goes back', () => {
    const steps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: -3_600_000, max: 3_600_000 })), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, (moves) => {
        let now = Date.parse('2026-11-23T12:00:00Z');
        const newId = makeIdMaker(() => now, randomBytes);
        const ids = moves.flatMap((move) => {
          now += move;
          return [newId('transfer'), newId('transfer')];
        });
        expect(new Set(ids).size).toBe(ids.length);
        expect([...ids].sort()).toEqual(ids);
      }),
      { numRuns: 200 },
    );
  });

  test('carry the millisecond, and hide everything else: two makers at one instant never agree', () => {
    const at = Date.parse('2026-11-23T12:00:00.123Z');
    const ids = new Set<string>();
    for (let maker = 0; maker < 500; maker++) {
      const newId = makeIdMaker(() => at, randomBytes);
      for (let time = 0; time < 20; time++) ids.add(newId('quote'));
    }
    expect(ids.size).toBe(10_000);
    expect(new Set([...ids].map((id) => id.slice(0, 14))).size).toBe(1);
  });

  test('count on when the randomness is at its largest', () => {
    const newId = makeIdMaker(
      () => 1,
      (bytes) => new Uint8Array(bytes).fill(255),
    );
    const ids = Array.from({ length: 1_000 }, () => newId('event'));
    expect(new Set(ids).size).toBe(1_000);
    expect([...ids].sort()).toEqual(ids);
  });

  test('keep their order for centuries', () => {
    let now = 0;
    const newId = makeIdMaker(() => now, randomBytes);
    const ids = ['1999-12-31', '2026-02-28', '2028-02-29', '2038-01-19', '2286-11-21', '9999-12-31'].map(
      (day) => {
        now = Date.parse(`${day}T23:59:59.999Z`);
        return newId('transfer');
      },
    );
    expect([...ids].sort()).toEqual(ids);
  });
});
