/** Reads an XML file with saxes alone and counts its elements: what bench/import.ts compares with. */
import { createReadStream } from 'node:fs';
import { SaxesParser } from 'saxes';

const parser = new SaxesParser({ xmlns: true });
let elements = 0;
parser.on('opentag', () => (elements += 1));
for await (const chunk of createReadStream(process.argv[2] ?? '', 'utf8')) parser.write(chunk as string);
parser.close();
console.log(elements);
