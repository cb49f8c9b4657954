/** Letters that Unicode does not take apart, and signs that have a plain one. */
const PLAIN: Readonly<Record<string, string>> = {
  ...pairs(
    'ß ss ẞ SS æ ae Æ AE œ oe Œ OE ø o Ø O đ d Đ D ð d Ð D þ th Þ TH ł l Ł L ħ h Ħ H ı i ŋ n Ŋ N ŧ t Ŧ T',
  ),
  // Greek by ELOT 743, Cyrillic by the Bulgarian law of transliteration and, for the letters it lacks, as ICAO 9303 has them.
  ...pairs(
    'α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o',
  ),
  ...pairs(
    'а a б b в v г g д d е e ж zh з z и i к k л l м m н n о o п p р r с s т t у u ф f х h ц ts ч ch ш sh',
  ),
  ...pairs('щ sht ъ a ы y ь y э e ю yu я ya є ie і i ґ g ђ d ј j љ lj њ nj ћ c џ dz'),
  '&': '+',
  '@': '(at)',
  _: '-',
  ...pairs('‐ - ‑ - ‒ - – - — - ― - − -'),
  ...pairs("‘ ' ’ ' ‚ ' “ ' ” ' „ ' « ' » ' ` ' ´ ' \" '"),
  ...pairs('; , ! . [ ( ] ) { ( } ) < ( > ) = - ~ - | / \\ /'),
};

/** What a text becomes of which nothing can be said in Latin letters: nothing a bank could do anything with. */
const NOTHING = 'NOTPROVIDED';

/**
 * Text in the characters every bank of the SEPA takes (European Payments Council, EPC217-08): letters and digits of ASCII,
 * blanks and `/-?:().,'+`. Accents go, letters of related scripts are written in Latin ones, everything else becomes a full
 * stop; no slash at either end and no two in a row, as the rulebooks want. Cut to so many characters; never empty.
 */
export function toSepaText(text: string, most: number): string {
  const spelled = Array.from(text.toWellFormed().normalize('NFKD'), plain).join('');
  const clean = spelled
    .replace(/\s+/g, ' ')
    .replace(/\.{2,}/g, '.')
    .replace(/\/{2,}/g, '/');
  const cut = trim(trim(clean).slice(0, most));
  return cut === '' ? NOTHING.slice(0, most) : cut;
}

/** Whether enough of a name is left in Latin letters for a bank to know whose it is. */
export function isSayable(text: string): boolean {
  const letters = Array.from(text.normalize('NFKD')).filter((each) => /[\p{L}\p{N}]/u.test(each));
  const said = letters.filter((each) => plain(each) !== '.');
  return said.length >= 2 && said.length * 2 > letters.length;
}

function plain(character: string): string {
  if (/^[A-Za-z0-9/\-?:().,'+ ]$/.test(character)) return character;
  if (/^\p{M}$/u.test(character)) return '';
  if (/^[\p{Zs}\t\n\r\u2028\u2029]$/u.test(character)) return ' ';
  // What cannot be seen says nothing.
  if (/^\p{C}$/u.test(character)) return '';
  const known = PLAIN[character];
  if (known !== undefined) return known;
  const small = PLAIN[character.toLowerCase()];
  return small === undefined ? '.' : `${small.charAt(0).toUpperCase()}${small.slice(1)}`;
}

function trim(text: string): string {
  const isEdge = (at: number) => ' /'.includes(text.charAt(at));
  let [start, end] = [0, text.length];
  while (start < end && isEdge(start)) start += 1;
  while (end > start && isEdge(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** `α a β v`: what is written for what. */
function pairs(text: string): Record<string, string> {
  const words = text.split(' ');
  return Object.fromEntries(words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? '']] : [])));
}
