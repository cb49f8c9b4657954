import { expect, test } from 'vitest';
import { makeTurns } from '../../../src/service/store/engine/turn.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A chain of promises, as calls have between two questions. */
async function someWork(): Promise<void> {
  for (let step = 0; step < 20; step++) await Promise.resolve();
}

test('what comes of the end of a turn is gathered again before the next turn', async () => {
  const atEndOfTurn = makeTurns();
  const order: string[] = [];
  atEndOfTurn(() => {
    order.push('questions');
    setImmediate(() => order.push('next turn'));
    for (const call of ['one', 'two'])
      void someWork().then(() => {
        order.push(call);
        atEndOfTurn(() => {
          order.push(`${call} again`);
          void someWork().then(() => atEndOfTurn(() => order.push(`${call} last`)));
        });
      });
  });
  await turn();
  await turn();
  expect(order).toEqual([
    'questions',
    'one',
    'two',
    'one again',
    'two again',
    'one last',
    'two last',
    'next turn',
  ]);
});

test('a turn ends when all that came in has been looked at, also after such an end', async () => {
  const atEndOfTurn = makeTurns();
  for (let times = 0; times < 2; times++) {
    const order: string[] = [];
    atEndOfTurn(() => order.push('end'));
    process.nextTick(() => order.push('tick'));
    void someWork().then(() => order.push('work'));
    await turn();
    await turn();
    expect(order.toSorted()).toEqual(['end', 'tick', 'work']);
    expect(order.at(-1)).toBe('end');
  }
});

test('somebody who wants more again and again lets others have their turn', async () => {
  const atEndOfTurn = makeTurns();
  let times = 0;
  let isOver = false;
  const more = () => {
    times += 1;
    if (!isOver) void someWork().then(() => atEndOfTurn(more));
  };
  atEndOfTurn(more);
  for (let turns = 0; turns < 10; turns++) await turn();
  isOver = true;
  expect(times).toBeGreaterThan(20);
  expect(times).toBeLessThan(200);
});
