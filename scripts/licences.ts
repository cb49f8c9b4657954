import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The licence texts of the packages that these files are from, as one text: the bundle carries their code. */
export function licencesOf(files: Iterable<string>): string {
  const folders = new Set([...files].flatMap((file) => packageFolder(file) ?? []));
  const texts = [...folders].map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    ) as Package;
    return { title: `${name} ${version} (${license})`, text: licenceText(folder) };
  });
  texts.sort((a, b) => (a.title < b.title ? -1 : 1));
  return [
    'okpay carries code of these packages, each under its own licence.\n',
    ...texts.map(
      ({ title, text }) => `${'='.repeat(title.length)}\n${title}\n${'='.repeat(title.length)}\n\n${text}\n`,
    ),
  ].join('\n');
}

type Package = { readonly name: string; readonly version: string; readonly license: string };

/** The folder of the package that a file is from, when it is from one. */
function packageFolder(file: string): string | undefined {
  const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
  return folder !== undefined && existsSync(join(folder, 'package.json')) ? folder : undefined;
}

function licenceText(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return file === undefined
    ? 'The package names its licence and carries no text of it.\n'
    : readFileSync(join(folder, file), 'utf8');
}
