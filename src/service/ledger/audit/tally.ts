/**
 * A sum over a set of texts that does not depend on their order: two streams with the same sum and count held the same
 * texts. It compares millions of ids in flat memory. Not against forgery: 64 bits, no secret.
 */
export class Tally {
  #count = 0;
  #low = 0;
  #high = 0;

  add(text: string): void {
    // Two lanes of FNV-1a with different starts, each finished with the mixer of MurmurHash3.
    let low = 0x811c9dc5;
    let high = 0x9e3779b9;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x85ebca6b);
    }
    this.#count += 1;
    this.#low = (this.#low + mixed(low)) >>> 0;
    this.#high = (this.#high + mixed(high)) >>> 0;
  }

  equals(other: Tally): boolean {
    return this.#count === other.#count && this.#low === other.#low && this.#high === other.#high;
  }
}

function mixed(value: number): number {
  let mix = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
  return (mix ^ (mix >>> 16)) >>> 0;
}
