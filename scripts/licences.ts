import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BundledPackage } from './bundled-packages.ts';

/** The licence texts of these packages, as one text: the bundle carries their code. */
export function licencesOf(packages: readonly BundledPackage[]): string {
  const texts = packages.map(({ name, version, license, folder }) => ({
    title: `${name} ${version} (${license})`,
    text: licenceText(folder),
  }));
  return [
    'okpay carries code of these packages, each under its own licence.\n',
    ...texts.map(
      ({ title, text }) => `${'='.repeat(title.length)}\n${title}\n${'='.repeat(title.length)}\n\n${text}\n`,
    ),
  ].join('\n');
}

function licenceText(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return file === undefined
    ? 'The package names its licence and carries no text of it.\n'
    : readFileSync(join(folder, file), 'utf8');
}
