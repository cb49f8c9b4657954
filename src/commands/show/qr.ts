import { create } from 'qrcode';

/** Modules of nothing around the code that a reader needs to find it (ISO/IEC 18004). */
const QUIET = 4;

/**
 * Draws a text as a QR code: one character for two modules, one above the other. With colour it is black on white
 * whatever the terminal's own colours are; without, the light modules are drawn, as on a dark terminal. Gives its lines
 * without colour codes as `width` counts them.
 */
export async function drawQr(text: string, colour: boolean): Promise<{ lines: string[]; width: number }> {
  const { modules } = create(text, { errorCorrectionLevel: 'L' });
  const { size } = modules;
  const isDark = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < size && y < size && modules.get(y, x) === 1;
  const paint = colour ? await blackOnWhite() : (line: string) => line;
  const lines: string[] = [];
  for (let y = -QUIET; y < size + QUIET; y += 2) {
    let line = '';
    for (let x = -QUIET; x < size + QUIET; x++)
      line += half(isDark(x, y) === colour, isDark(x, y + 1) === colour);
    lines.push(paint(line));
  }
  return { lines, width: size + 2 * QUIET };
}

/** A character whose upper and lower half are drawn or left out. */
function half(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀';
  return lower ? '▄' : ' ';
}

async function blackOnWhite(): Promise<(line: string) => string> {
  const { Chalk } = await import('chalk');
  return new Chalk({ level: 1 }).black.bgWhiteBright;
}
