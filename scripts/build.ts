/**
 * Writes dist/: what the published package runs. `npm run build`; `npm pack` does it by itself.
 * Everything is bundled, so an installed okpay is okpay's own files only, and starts without looking for packages.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { writeLibraryTypes } from './library-types.ts';
import { licencesOf } from './licences.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const files = await bundle(root, dist);
writeFileSync(join(dist, 'LICENCES.txt'), licencesOf(files));
writeLibraryTypes(root, join(dist, 'types'));
