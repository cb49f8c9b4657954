/** Writes completions/ from the command tree. Run `npm run completions` after changing a command; a test says when they are stale. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { completionNodes } from './completion-nodes.ts';
import { renderCompletions } from './render-completions.ts';

const folder = new URL('../completions/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [ending, text] of Object.entries(renderCompletions(await completionNodes()))) {
  writeFileSync(new URL(`okpay.${ending}`, folder), text);
}
