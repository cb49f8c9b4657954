import { hash } from 'node:crypto';
import { html, raw } from 'hono/html';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 1.125rem/1.5 system-ui, sans-serif; margin: 0; padding: 1.5rem; }
main { max-width: 34rem; margin: 0 auto; }
h1 { font-size: 1.5rem; line-height: 1.25; }
button { font: inherit; font-weight: 600; padding: 0.75rem 1.25rem; max-width: 100%; border: 0; border-radius: 0.5rem;
  background: #1d4ed8; color: #fff; cursor: pointer; }
button:focus-visible, input:focus-visible { outline: 3px solid #b45309; outline-offset: 2px; }
label { display: block; font-weight: 600; margin: 1.25rem 0 0.25rem; }
input { font: inherit; box-sizing: border-box; width: 100%; padding: 0.625rem 0.75rem; border: 2px solid #6b7280;
  border-radius: 0.5rem; }
input[readonly] { border-style: dashed; }
input[aria-invalid] { border-color: #b91c1c; }
input + button { margin-top: 1.5rem; }
ul { margin: 0.25rem 0 0.5rem; padding-left: 1.25rem; }
.error { color: #b91c1c; font-weight: 600; margin: 0.25rem 0 0.5rem; }
@media (prefers-color-scheme: dark) {
  button:focus-visible, input:focus-visible { outline-color: #f59e0b; }
  .error { color: #fca5a5; }
  input[aria-invalid] { border-color: #fca5a5; }
}
code { font-size: 1rem; overflow-wrap: anywhere; }
`;

/** What a page's Content-Security-Policy says of its style: this one and no other. */
export const STYLE_HASH = `sha256-${hash('sha256', STYLE, 'base64')}`;

/** A whole page in English. Values in `body` must have been written with `html`, which escapes them. */
export async function layout(title: string, body: ReturnType<typeof html>): Promise<string> {
  // The element in one piece: a blank more or less in it, and the hash would be another.
  const style = raw(`<style>${STYLE}</style>`);
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · OKpay</title>
        ${style}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;
  return page.toString();
}
