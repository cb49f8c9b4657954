import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundledPackage } from './bundled-packages.ts';

type Manifest = { readonly name: string; readonly version: string; readonly license: string };
type Lock = { readonly packages: Readonly<Record<string, { readonly integrity?: string } | undefined>> };

/**
 * The bill of materials of the bundle as CycloneDX 1.6 JSON (https://cyclonedx.org): each package whose code is in it,
 * with the SHA-512 of the archive that package-lock.json pins it to. The same packages give the same text. Throws when
 * one of them is not pinned.
 */
export function billOfMaterials(root: string, packages: readonly BundledPackage[]): string {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const { packages: locked } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const components = packages.map((each) => {
    const place = each.folder.slice(each.folder.indexOf('/node_modules/') + 1);
    const [, digest] = /^sha512-(.+)$/.exec(locked[place]?.integrity ?? '') ?? [];
    if (digest === undefined) throw new Error(`package-lock.json does not pin ${place}.`);
    const content = Buffer.from(digest, 'base64').toString('hex');
    return { ...component('library', each), hashes: [{ alg: 'SHA-512', content }] };
  });
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component('application', manifest) },
    components,
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function component(type: string, { name, version, license }: Manifest) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { type, 'bom-ref': purl, name, version, purl, licenses: [{ expression: license }] };
}
