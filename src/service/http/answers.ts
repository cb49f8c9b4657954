import type { Refusal } from '../../core/contract/refusals.ts';

/** How long to wait before asking again when a refusal does not say, in seconds, by status (RFC 9110, 10.2.3). */
const RETRY_AFTER: Readonly<Record<number, string>> = { 429: '60', 503: '2' };
/** Two years, as the preload list asks; ASVS 5.0 V3.4.1 asks for one at least. */
const STRICT_TRANSPORT = 'max-age=63072000; includeSubDomains';

const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const HTML_TYPE = 'text/html; charset=utf-8';

/** Makes every answer of the server; each carries the headers that keep browsers from doing more than asked. */
export type Answers = {
  readonly json: (output: unknown) => Response;
  readonly text: (stream: ReadableStream<Uint8Array>) => Response;
  /** `style` is the hash of the page's style, the only thing a page may use besides its own words. */
  readonly page: (html: string, status: number, style: string, refusal?: Refusal) => Response;
  /** RFC 9457 problem details. */
  readonly problem: (refusal: Refusal) => Response;
};

/** `overTls` says that browsers reach the server by https and may be told to stay there. */
export function makeAnswers(overTls: boolean): Answers {
  const headers = {
    ...securityHeaders(`default-src 'none'; base-uri 'none'; form-action 'none'`),
    ...(overTls ? { 'strict-transport-security': STRICT_TRANSPORT } : {}),
  };
  // Plain objects and strings throughout: @hono/node-server sends those without making a Response of them.
  const make = (body: string | ReadableStream<Uint8Array>, type: string, status: number, more?: object) =>
    new Response(body, { status, headers: { 'content-type': type, ...headers, ...more } });
  return {
    json: (output) => make(JSON.stringify(output), JSON_TYPE, 200),
    text: (stream) => make(stream, TEXT_TYPE, 200),
    page: (html, status, style, refusal) =>
      make(html, HTML_TYPE, status, {
        ...(refusal ? about(refusal) : {}),
        'content-security-policy': policy(
          `default-src 'none'; style-src '${style}'; base-uri 'none'; form-action 'self'`,
        ),
      }),
    problem: (refusal) =>
      make(JSON.stringify(refusal.toProblem()), PROBLEM_TYPE, refusal.status, about(refusal)),
  };
}

/** OWASP ASVS 5.0 V3.4 and V14.3.2, for every answer, errors too. */
function securityHeaders(content: string): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'content-security-policy': policy(content),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

function policy(content: string): string {
  return `${content}; object-src 'none'; frame-ancestors 'none'`;
}

function about(refusal: Refusal): Record<string, string> {
  const { status, facts, code } = refusal;
  const retryAfter = facts['retryAfter'] ?? RETRY_AFTER[status];
  return {
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="okpay"' } : {}),
    ...(code === 'method_not_allowed' ? { allow: facts['allow'] ?? '' } : {}),
    // What is left of a refused body is not read, and a server that ends wants no more calls.
    ...(['body_too_large', 'service_stopping'].includes(code) ? { connection: 'close' } : {}),
  };
}
