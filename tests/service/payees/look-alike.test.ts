import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { looksAlike } from '../../../src/service/identity/look-alike.ts';

describe('looks alike', () => {
  test.each([
    ['bob@example.com', 'b0b@example.com'],
    ['alice@example.com', 'a1ice@example.com'],
    ['alice@example.com', 'aIice@example.com'],
    ['alice@example.com', 'аӏісе@example.com'],
    ['alice@example.com', 'alice@exarnple.com'],
    ['alice@example.com', 'alice@example.co'],
    ['alice@example.com', 'alice@exmaple.com'],
    ['william@example.com', 'wiliam@example.com'],
    ['william@example.com', 'vvi11iam@example.com'],
    ['anna.maria@example.com', 'annamaria@example.com'],
    ['susan@example.com', '5usan@example.com'],
    ['joanna@example.com', 'johanna@example.com'],
    ['νικο@example.com', 'viko@example.com'],
  ])('%s and %s', (one, other) => {
    expect([looksAlike(one, other), looksAlike(other, one)]).toEqual([true, true]);
  });

  test.each([
    ['bob@example.com', 'bob@example.com'],
    ['bob@example.com', 'BOB@Example.com'],
    ['bob@example.com', 'zoe@example.com'],
    ['bob@example.com', 'alice@example.com'],
    ['alice@example.com', 'alice@another.org'],
    ['anna@example.com', 'eva@example.com'],
    ['maria@example.com', 'markus@example.com'],
  ])('not %s and %s', (one, other) => {
    expect([looksAlike(one, other), looksAlike(other, one)]).toEqual([false, false]);
  });

  const letters = fc.string({ unit: fc.constantFrom(...'abcdeghkoptxz'), minLength: 5, maxLength: 12 });

  test('property: one slip in a name is always seen, whatever it is and wherever', () => {
    fc.assert(
      fc.property(
        letters,
        fc.nat(),
        fc.constantFrom('drop', 'add', 'swap', 'change'),
        (name, where, slip) => {
          const at = where % (name.length - 1);
          const [before, after] = [name.slice(0, at), name.slice(at)];
          const other = {
            drop: before + after.slice(1),
            add: `${before}y${after}`,
            swap: before + after.charAt(1) + after.charAt(0) + after.slice(2),
            change: `${before}y${after.slice(1)}`,
          }[slip];
          expect(looksAlike(`${name}@example.com`, `${other}@example.com`)).toBe(other !== name);
        },
      ),
    );
  });

  test('property: it does not matter which address is asked about first', () => {
    fc.assert(
      fc.property(letters, letters, (one, other) => {
        expect(looksAlike(`${one}@x.org`, `${other}@x.org`)).toBe(
          looksAlike(`${other}@x.org`, `${one}@x.org`),
        );
      }),
    );
  });

  test('the longest addresses are compared at once', () => {
    const [one, other] = [
      `${'a'.repeat(64)}@${'b'.repeat(185)}.com`,
      `${'a'.repeat(63)}c@${'b'.repeat(185)}.com`,
    ];
    const start = performance.now();
    for (let at = 0; at < 100; at++) looksAlike(one, other);
    expect((performance.now() - start) / 100).toBeLessThan(20);
  });
});
