import { createHash, type Hash } from 'node:crypto';
import { Refusal } from './contract/refusals.ts';

/** A part of one file of a bundle; a file's parts come one after the other, the first of them empty. */
export type BundlePiece = { readonly file: string; readonly text: string };

const MANIFEST = 'manifest.json';
/** A plain name and no path: whatever a service sends, nothing is written elsewhere (ASVS 5.0 V5.3.2). */
const FILE_NAME = /^[a-z][a-z-]{0,40}\.jsonl?$/;

/**
 * Takes what `export-account` streams apart into its files, byte for byte, and adds `SHA256SUMS`, which
 * `sha256sum -c` reads. Throws `service_unreachable` when the stream breaks off, or its files are not those that its
 * manifest tells of.
 */
export async function* readBundle(stream: AsyncIterable<string>): AsyncGenerator<BundlePiece> {
  const digests = new Map<string, Hash>();
  let [file, manifest] = ['', ''];
  for await (const lines of wholeLines(stream)) {
    for (let rest = lines; rest !== '';) {
      const isName = rest.startsWith('"');
      const next = isName ? rest.indexOf('\n') : rest.indexOf('\n"');
      const text = next < 0 ? rest : rest.slice(0, next + 1);
      rest = rest.slice(text.length);
      if (isName) {
        file = fileName(text);
        digests.set(file, createHash('sha256'));
        yield { file, text: '' };
      } else {
        digests.get(file)?.update(text);
        if (file === MANIFEST) manifest += text;
        yield { file, text };
      }
    }
  }
  const sums = [...digests].map(([name, digest]) => [name, digest.digest('hex')] as const);
  checkManifest(manifest, sums);
  yield { file: 'SHA256SUMS', text: sums.map(([name, sum]) => `${sum}  ${name}\n`).join('') };
}

/** The text in pieces that end with a line. */
async function* wholeLines(stream: AsyncIterable<string>): AsyncGenerator<string> {
  let half = '';
  for await (const piece of stream) {
    const text = half + piece;
    const end = text.lastIndexOf('\n') + 1;
    half = text.slice(end);
    if (end > 0) yield text.slice(0, end);
  }
  if (half !== '') throw broken();
}

function fileName(line: string): string {
  const name: unknown = JSON.parse(line);
  if (typeof name === 'string' && FILE_NAME.test(name)) return name;
  throw new Refusal('service_unreachable', { reason: 'The service sent a file under a name that is none.' });
}

function checkManifest(manifest: string, sums: readonly (readonly [file: string, sum: string])[]): void {
  if (manifest === '') throw broken();
  const { files } = JSON.parse(manifest) as { files: readonly { file: string; sha256: string }[] };
  const told = files.map(({ file, sha256 }) => `${sha256} ${file}`);
  const found = sums.filter(([file]) => file !== MANIFEST).map(([file, sum]) => `${sum} ${file}`);
  if (told.join('\n') === found.join('\n')) return;
  throw new Refusal('service_unreachable', { reason: 'What arrived is not what the manifest tells of.' });
}

function broken(): Refusal {
  return new Refusal('service_unreachable', { reason: 'The export broke off before its end.' });
}
