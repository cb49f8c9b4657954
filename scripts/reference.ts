/** Writes docs/cli.md and docs/api.md. Run `npm run reference` after changing a command or an operation; a test says when they are stale. */
import { writeFileSync } from 'node:fs';
import { renderApiReference } from './render-api-reference.ts';
import { renderCliReference } from './render-cli-reference.ts';

writeFileSync(new URL('../docs/cli.md', import.meta.url), await renderCliReference());
writeFileSync(new URL('../docs/api.md', import.meta.url), renderApiReference());
