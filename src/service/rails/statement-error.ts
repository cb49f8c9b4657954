/**
 * Why a bank file was refused: one whole sentence in `reason`, and where (`line` counts from 1, `column` too where it is
 * known). Nothing of a refused file may be booked, whatever was read from it before the error.
 */
export class StatementError extends Error {
  readonly line: number;
  readonly column: number | undefined;
  readonly reason: string;

  constructor(reason: string, line: number, column?: number) {
    super(`Line ${line}: ${reason}`);
    this.name = 'StatementError';
    this.line = line;
    this.column = column;
    this.reason = reason;
  }
}

/**
 * Text of a file as it may stand in a sentence: at most 40 characters of it, and control, invisible and
 * direction-changing characters shown as a replacement mark, so that a hostile file cannot write on a terminal.
 */
export function quote(text: string): string {
  const visible = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\uFFFD');
  const characters = Array.from(visible.slice(0, 100));
  return characters.length > 40 ? `“${characters.slice(0, 40).join('')}…”` : `“${visible}”`;
}
