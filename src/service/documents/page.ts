import { hash } from 'node:crypto';
import { plainText } from '../exports/plain-text.ts';

const STYLE = `
:root { color-scheme: light; }
body { font: 0.9375rem/1.45 system-ui, sans-serif; margin: 0 auto; padding: 2rem 1.5rem; max-width: 52rem; color: #111827;
  background: #fff; }
header { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 2px solid #111827;
  padding-bottom: 0.5rem; }
header p { margin: 0; }
h1 { font-size: 1.375rem; line-height: 1.25; margin: 1.25rem 0 0.75rem; }
h2 { font-size: 1.125rem; margin: 2rem 0 0.5rem; }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: 0.25rem 1.5rem; margin: 0; }
dt { color: #4b5563; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; font-size: 0.875rem; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid #d1d5db; }
th { border-bottom-color: #111827; }
.figure { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.day { white-space: nowrap; }
.what { overflow-wrap: anywhere; }
.what small, footer { color: #4b5563; }
.strong { font-weight: 600; }
.mark { border: 2px solid #b45309; padding: 0.25rem 0.75rem; display: inline-block; font-weight: 600; }
footer { margin-top: 2rem; border-top: 1px solid #d1d5db; padding-top: 0.5rem; font-size: 0.8125rem; }
@page { margin: 18mm 15mm; }
@media print {
  body { padding: 0; max-width: none; font-size: 10pt; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`;

/** The page is a file of its own: what it may do is said in it. Nothing but its own style: no script, no image, no form. */
const POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'`;

/** A value as text of a page: nothing in it is markup, and what would be hidden in it is visible (OWASP ASVS 5.0, V1.2.1). */
export function escaped(value: string): string {
  return plainText(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The begin of a page made for printing, up to and with its heading. */
export function beginPage(title: string, about: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>${about.map((each) => `<p>${escaped(each)}</p>`).join('')}</header>
<h1>${escaped(title)}</h1>
`;
}

/** Facts, one a line. */
export function factList(facts: readonly (readonly [label: string, value: string])[]): string {
  const rows = facts.map(([label, value]) => `<dt>${escaped(label)}</dt><dd>${escaped(value)}</dd>\n`);
  return `<dl>\n${rows.join('')}</dl>\n`;
}

/** A row of a table; the figures stand to the right. Cells are markup already. */
export function tableRow(cells: readonly { readonly kind: string; readonly markup: string }[]): string {
  return `<tr>${cells.map(({ kind, markup }) => `<td class="${kind}">${markup}</td>`).join('')}</tr>\n`;
}

/** The end of a page. */
export function endPage(said: string): string {
  return `<footer>${escaped(said)}</footer>\n</body>\n</html>\n`;
}
