import { Hono } from 'hono';
import type { HttpBindings } from '@hono/node-server';
import { once } from '../../core/contract/once.ts';
import { OPERATIONS, type Operation, type OperationName } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Service } from '../app.ts';
import type { Log } from '../deps.ts';
import { STYLE_HASH } from '../pages/layout.ts';
import { confirm, messagePage, verifyPage, type Page } from '../pages/verify.ts';
import { makeAnswers } from './answers.ts';
import { openApi } from './openapi.ts';
import { readForm } from './read-form.ts';
import { addressOf, readCall, type ServerContext } from './read-call.ts';
import { streamOut } from './stream-out.ts';

export type HttpOptions = {
  /** The origin that people and their browsers know the service by. */
  readonly publicUrl: string;
  /** Whether a proxy that ends TLS stands in front, and its word about clients is to be believed. */
  readonly behindProxy: boolean;
  /** How long a body may take, and a stream between two pieces, in milliseconds. */
  readonly patienceMs: number;
  /** True once the server takes no new calls. */
  readonly isStopping: () => boolean;
};

export type HttpApp = Hono<{ Bindings: Partial<HttpBindings> }>;

type Handler = (c: ServerContext) => Promise<Response>;
type Refuse = (refusal: Refusal) => Response | Promise<Response>;

/** Whether browsers reach the server by https. */
export function isOverTls(options: Pick<HttpOptions, 'publicUrl' | 'behindProxy'>): boolean {
  return options.behindProxy || options.publicUrl.startsWith('https:');
}

/** The whole service as a function from Request to Response, its routes made from the operations table. */
export function buildApp(service: Service, options: HttpOptions): HttpApp {
  const { log } = service.deps;
  const answers = makeAnswers(isOverTls(options));
  const app: HttpApp = new Hono();
  const methods = new Map<string, string[]>();

  /** The one catch of the server, and its line in the log: no query, no body, nobody's data. */
  const guard =
    (route: string, handle: Handler, refuse: Refuse = answers.problem): Handler =>
    async (c) => {
      const startedAt = performance.now();
      const response = await handle(c).catch((error: unknown) => refuse(refusalOf(error, log)));
      const ms = Math.round((performance.now() - startedAt) * 10) / 10;
      log.info('request', { method: c.req.method, route, status: response.status, ms });
      return response;
    };
  const add = (method: string, route: string, handle: Handler, refuse?: Refuse) => {
    app.on(method, route.replace(/\{(\w+)\}/g, ':$1'), guard(route, handle, refuse));
    methods.set(route, [...(methods.get(route) ?? []), method]);
  };
  /** For everything but the two questions a load balancer asks. */
  const whileOpen = (handle: Handler): Handler => {
    return async (c) => {
      if (options.isStopping()) throw new Refusal('service_stopping');
      if (options.behindProxy && c.req.header('x-forwarded-proto') === 'http') {
        const reason = 'must be https: nothing is answered over an open line';
        throw new Refusal('input_invalid', { field: 'X-Forwarded-Proto', reason });
      }
      return handle(c);
    };
  };

  const perform = (name: OperationName, operation: Operation): Handler =>
    whileOpen(async (c) => {
      const call = await readCall(name, operation, c, options.patienceMs);
      const answer = await service.perform(call, {
        console: false,
        address: addressOf(c, options.behindProxy),
      });
      if ('output' in answer) return answers.json(answer.output);
      const stream = await streamOut(answer.text, (error) => {
        log.error('unexpected', { operation: name, stack: (error as Error).stack ?? String(error) });
        c.env?.outgoing?.destroy();
      });
      return answers.text(stream);
    });
  for (const [name, operation] of Object.entries(OPERATIONS) as [OperationName, Operation][]) {
    add(operation.method, operation.path, perform(name, operation));
  }

  const page = async (made: Promise<Page>) => {
    const { html, status } = await made;
    return answers.page(html, status, STYLE_HASH);
  };
  const refuseOnPage = (refusal: Refusal) => page(messagePage(refusal));
  const getVerify = whileOpen(async (c) => page(verifyPage(c.req.queries('token') ?? [])));
  const postVerify = whileOpen(async (c) => {
    const form = await readForm(c.req.raw, options.publicUrl, options.patienceMs);
    return page(confirm(service, form, addressOf(c, options.behindProxy)));
  });
  add('GET', '/verify', getVerify, refuseOnPage);
  add('POST', '/verify', postVerify, refuseOnPage);

  add('GET', '/healthz', async () => answers.json({ status: 'alive' }));
  add('GET', '/readyz', async () => {
    if (options.isStopping()) throw new Refusal('service_stopping');
    const isReady = await service.ready().catch(() => false);
    if (!isReady) throw new Refusal('service_unreachable', { reason: 'The database does not answer.' });
    return answers.json({ status: 'ready' });
  });
  const document = once(() => openApi(options.publicUrl));
  const getDocument = whileOpen(async () => answers.json(document()));
  add('GET', '/openapi.json', getDocument);

  for (const [route, allowed] of methods) {
    const allow = [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : [])].join(', ');
    const refuse = async () => Promise.reject(new Refusal('method_not_allowed', { allow }));
    app.all(route.replace(/\{(\w+)\}/g, ':$1'), guard(route, refuse));
  }
  app.notFound(guard('unknown', async () => Promise.reject(new Refusal('route_unknown'))));
  return app;
}

function refusalOf(error: unknown, log: Log): Refusal {
  if (error instanceof Refusal) return error;
  log.error('unexpected', { operation: 'http', stack: (error as Error).stack ?? String(error) });
  return new Refusal('unexpected');
}
