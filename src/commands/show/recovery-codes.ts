import type { Block } from './blocks.ts';
import type { Pen } from './pen.ts';

/** Recovery codes, two a line, and what they are for. */
export function recoveryCodeBlocks(codes: readonly string[], pen: Pen): readonly Block[] {
  const pairs = codes.flatMap((code, at) => (at % 2 === 0 ? [[code, codes[at + 1] ?? '']] : []));
  return [
    '',
    'Recovery codes. Each works once, in the place of a code, when the app is lost. They are shown only now: print them, or keep them where your passwords are.',
    '',
    ...pairs.map((pair) => `  ${pen.strong(pair.map((code) => pen.text(code)).join('   '))}`),
  ];
}
