import { describe, expect, it } from 'vitest';
import { readStatements, StatementError } from '../../../src/service/rails/read-statement.ts';
import { writeStatement } from '../../../src/service/rails/write-statement.ts';

const RUNS = Number(process.env['OKPAY_STATEMENT_MUTANTS'] ?? 2_000);
const SEED = Number(process.env['OKPAY_STATEMENT_SEED'] ?? 53);

const SOUND = Buffer.from(
  writeStatement({
    id: 'S',
    created: new Date('2026-01-03T00:00:00Z'),
    from: '2026-01-01',
    to: '2026-01-02',
    iban: 'DE89370400440532013000',
    opening: { minor: 10_000n, currency: 'EUR' },
    entries: [
      {
        amount: { minor: 1_250n, currency: 'EUR' },
        direction: 'credit',
        bookingDate: '2026-01-02',
        accountServicerReference: 'R-1',
        endToEndId: 'E-1',
        remittance: 'Zahlung für OKPAY-1 & mehr',
        debtorName: 'Søren',
        debtorIban: 'DK5000400440116243',
      },
      {
        amount: { minor: 50n, currency: 'EUR' },
        direction: 'debit',
        bookingDate: '2026-01-02',
        status: 'PDNG',
      },
    ],
  }),
);

const SCRAPS = [
  '<', '>', '&', '"', '\0', '\r', '<!', '<!--', '-->', '<![CDATA[', ']]>', '<?', '?>', '</', '/>', '<!DOCTYPE', '&amp;', '&#x0;',
  '&constructor;', '\uFEFF', '\xff', 'Ccy=', 'xmlns=""', 'xmlns:a="b"', 'a:', '-', '.', '9'.repeat(40), '1e9', '<Ntry/>', '<Stmt>',
  '</Stmt>', '</BkToCstmrStmt>', 'camt.053.001.02', 'BOOK', 'USD', 'JPY', '2026-02-30', 'x'.repeat(300),
]; // prettier-ignore

describe(`${RUNS} altered statements`, () => {
  it('are read or refused with a line and a sentence, and nothing else happens', async () => {
    const random = seeded(SEED);
    const upTo = (limit: number): number => Math.floor(random() * limit);
    let refused = 0;
    for (let run = 0; run < RUNS; run += 1) {
      let mutant = SOUND;
      for (let change = 0; change <= upTo(3); change += 1) {
        const at = upTo(mutant.length);
        const length = upTo(random() < 0.5 ? 4 : 200);
        const scrap = Buffer.from(SCRAPS[upTo(SCRAPS.length)] ?? '', 'latin1');
        const piece = [scrap, Buffer.from([upTo(256)]), Buffer.alloc(0), mutant.subarray(at, at + length)][
          upTo(4)
        ];
        const rest = random() < 0.1 ? Buffer.alloc(0) : mutant.subarray(at + (random() < 0.5 ? length : 0));
        mutant = Buffer.concat([mutant.subarray(0, at), piece ?? scrap, rest]);
      }
      const size = 1 + upTo(100);
      try {
        for await (const event of readStatements(inPieces(mutant, size))) {
          if (event.type === 'entry') expect(event.amount.minor).toBeGreaterThanOrEqual(0n);
          // Whatever was changed, figures that deny each other are never told as sound.
          if (event.type === 'statement-end' && event.proof.isChecked && event.proof.remark === undefined) {
            expect(event.proof.difference?.minor).toBe(0n);
          }
        }
      } catch (error) {
        if (!(error instanceof StatementError))
          throw new Error(`run ${run} of seed ${SEED}`, { cause: error });
        refused += 1;
        expect(error.line).toBeGreaterThanOrEqual(1);
        expect(error.line).toBeLessThanOrEqual(mutant.toString('latin1').split(/\r\n|\r|\n/).length);
        expect(error.reason).toMatch(/\.$/);
        expect(error.reason).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(error.reason.length).toBeLessThan(300);
      }
    }
    expect(refused).toBeGreaterThan(RUNS / 2);
    expect(refused).toBeLessThan(RUNS);
  });
});

async function* inPieces(buffer: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < buffer.length; at += size) yield buffer.subarray(at, at + size);
}

/** mulberry32, so that a failing run can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
