/** Exports a book to nowhere and says what it took: `node bench/export-journal.ts PATH FORMAT`. Run by growth.ts. */
import {
  exportJournal,
  type JournalFormatName,
} from '../src/service/ledger/export-journal/export-journal.ts';
import { openEngine } from '../src/service/store/engine/open.ts';
import { round } from './results.ts';

const [path = '', format = 'hledger'] = process.argv.slice(2);
const engine = await openEngine(`sqlite:${path}`);
const from = performance.now();
let bytes = 0;
for await (const piece of exportJournal(engine, format as JournalFormatName))
  bytes += Buffer.byteLength(piece);
await engine.close();
console.log(
  JSON.stringify({
    seconds: round((performance.now() - from) / 1_000, 1),
    megabytes: Math.round(bytes / 1e6),
    peakMegabytes: Math.round((process.resourceUsage().maxRSS * 1_024) / 1e6),
  }),
);
