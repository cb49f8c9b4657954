import { stripVTControlCharacters } from 'node:util';

/** How many columns a text takes at a terminal, without its colours. */
export function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
