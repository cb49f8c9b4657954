import { ReferenceRates, type ReferenceRate } from './reference-rates.ts';
import { inSlices, SafeXml, type StartTag, type XmlListener } from './safe-xml.ts';
import { quote, StatementError } from './statement-error.ts';

const ENVELOPE = 'http://www.gesmes.org/xml/2002-08-01';
const RATES = 'http://www.ecb.int/vocabulary/2002-08-01/eurofxref';

/**
 * Reads the euro foreign exchange reference rates of the European Central Bank as XML, daily or historical: an Envelope with a
 * Cube of Cubes, one a day, of Cubes, one a currency (https://www.ecb.europa.eu/stats/eurofxref/). Throws StatementError.
 */
export function readRatesXml(bytes: Uint8Array): readonly ReferenceRate[] {
  const reader = new Reader();
  const xml = new SafeXml(reader);
  for (const slice of inSlices(bytes)) xml.write(slice);
  xml.end();
  return reader.rates.all(xml.line);
}

class Reader implements XmlListener {
  readonly rates = new ReferenceRates();
  readonly #path: string[] = [];

  open({ name, namespace, attributes, place }: StartTag): void {
    const depth = this.#path.length;
    this.#path.push(name);
    if (depth === 0 && (name !== 'Envelope' || namespace !== ENVELOPE))
      throw new StatementError(
        `The file begins with ${quote(name)}, and reference rates are in an Envelope of gesmes.`,
        place.line,
      );
    if (name !== 'Cube') {
      if (this.#path.includes('Cube'))
        throw new StatementError(`${quote(name)} has no place among the rates.`, place.line);
      return;
    }
    if (namespace !== RATES || depth > 3 || this.#path.slice(1).some((each) => each !== 'Cube'))
      throw new StatementError('A Cube is where none can be.', place.line);
    if (depth === 2) this.rates.begin(valueOf(attributes, 'time', place.line), place.line);
    if (depth === 3)
      this.rates.add(
        valueOf(attributes, 'currency', place.line),
        valueOf(attributes, 'rate', place.line),
        place.line,
      );
  }

  text(text: string): void {
    if (this.#path.at(-1) === 'Cube' && text.trim() !== '')
      throw new StatementError(`${quote(text.trim())} has no place among the rates.`, 1);
  }

  close(): void {
    this.#path.pop();
  }
}

function valueOf(attributes: StartTag['attributes'], name: string, line: number): string {
  const found = attributes.find((attribute) => attribute.name === name && attribute.namespace === '');
  if (!found) throw new StatementError(`A Cube does not say its ${quote(name)}.`, line);
  return found.value;
}
