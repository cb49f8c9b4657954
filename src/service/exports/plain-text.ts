/**
 * What can make a text read as something else than it is, in an editor or a terminal: controls (line breaks among
 * them), format characters such as bidi overrides, line and paragraph separators, lone surrogates. Joiners stay, as
 * Persian, Indic scripts and emoji are spelled with them. Source: Unicode UTS #55, “Trojan Source” CVE-2021-42574.
 */
const HIDDEN = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Other people's text on one line: what would be hidden becomes a visible mark such as `‹U+202E›`. */
export function plainText(text: string): string {
  return text.replace(
    HIDDEN,
    (character) => `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`,
  );
}
