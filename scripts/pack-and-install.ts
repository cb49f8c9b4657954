import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/**
 * Packs the clone as for publishing and installs the tarball into `folder` from nothing but that file: no registry and
 * no cache is asked. Gives where the installed package is, and the path of every file in the tarball.
 */
export async function packAndInstall(root: string, folder: string): Promise<Installed> {
  const app = join(folder, 'app');
  mkdirSync(app, { recursive: true });
  const packed = await execa('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  const [report] = Object.values(JSON.parse(packed.stdout) as Record<string, PackReport>);
  if (!report) throw new Error('npm pack reported nothing.');
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n');
  const tarball = join(folder, report.filename);
  if (!existsSync(tarball)) throw new Error(`${tarball} is not among ${readdirSync(folder).join(', ')}.`);
  const alone = ['--offline', '--no-audit', '--no-fund', '--cache', join(folder, 'cache')];
  await execa('npm', ['install', ...alone, tarball], { cwd: app });
  return {
    app,
    binary: join(app, 'node_modules', 'okpay', 'bin', 'okpay.js'),
    files: report.files.map(({ path }) => path),
    bytes: report.size,
  };
}

export type Installed = {
  /** A project that depends on the package and on nothing else. */
  readonly app: string;
  readonly binary: string;
  readonly files: readonly string[];
  /** Size of the tarball. */
  readonly bytes: number;
};

type PackReport = {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
};
