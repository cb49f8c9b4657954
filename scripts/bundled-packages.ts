import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package that the bundle carries code of. */
export type BundledPackage = {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  /** Where it is installed. */
  readonly folder: string;
};

/** The packages that these files are from, by name and version. */
export function bundledPackages(files: Iterable<string>): BundledPackage[] {
  const folders = new Set([...files].flatMap((file) => packageFolder(file) ?? []));
  const packages = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    ) as BundledPackage;
    return { name, version, license, folder };
  });
  const order = ({ name, version }: BundledPackage) => `${name} ${version}`;
  return packages.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** The folder of the package that a file is from, when it is from one. */
function packageFolder(file: string): string | undefined {
  const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
  return folder !== undefined && existsSync(join(folder, 'package.json')) ? folder : undefined;
}
