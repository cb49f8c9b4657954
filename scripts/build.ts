/**
 * Writes dist/: what the published package runs. `npm run build`; `npm pack` does it by itself.
 * Everything is bundled, so an installed okpay is okpay's own files only, and starts without looking for packages.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { billOfMaterials } from './bill-of-materials.ts';
import { bundle } from './bundle.ts';
import { bundledPackages } from './bundled-packages.ts';
import { writeLibraryTypes } from './library-types.ts';
import { licencesOf } from './licences.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const packages = bundledPackages(await bundle(root, dist));
writeFileSync(join(dist, 'LICENCES.txt'), licencesOf(packages));
writeFileSync(join(dist, 'sbom.cdx.json'), billOfMaterials(root, packages));
writeLibraryTypes(root, join(dist, 'types'));
