import { Hono } from 'hono';
import type { HttpBindings } from '@hono/node-server';
import { once } from '../../core/contract/once.ts';
import { OPERATIONS, type Operation, type OperationName } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Service } from '../app.ts';
import type { Log } from '../deps.ts';
import { STYLE_HASH } from '../pages/layout.ts';
import { refusedPage, tokenOfForm, tokenOfLink, type LinkPage, type Page } from '../pages/link-page.ts';
import { resetPage } from '../pages/reset.ts';
import { unlockPage } from '../pages/unlock.ts';
import { verifyPage } from '../pages/verify.ts';
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

/** What is known of a request when its line is written. */
type Seen = { readonly id: string; code: string; user: string | undefined; token?: string | undefined };
type Handler = (c: ServerContext, seen: Seen) => Promise<Response>;
/** A handler as Hono takes it. */
type Guarded = (c: ServerContext) => Promise<Response>;
type Refuse = (refusal: Refusal) => Response | Promise<Response>;

/** The pages behind the links of mails, by their paths. */
const LINK_PAGES: Readonly<Record<string, LinkPage>> = {
  '/verify': verifyPage,
  '/reset': resetPage,
  '/unlock': unlockPage,
};

/** Whether browsers reach the server by https. */
export function isOverTls(options: Pick<HttpOptions, 'publicUrl' | 'behindProxy'>): boolean {
  return options.behindProxy || options.publicUrl.startsWith('https:');
}

/** The whole service as a function from Request to Response, its routes made from the operations table. */
export function buildApp(service: Service, options: HttpOptions): HttpApp {
  const { log, newId } = service.deps;
  const answers = makeAnswers(isOverTls(options));
  const app: HttpApp = new Hono();
  const methods = new Map<string, string[]>();

  /** The one catch of the server, and its line in the log: no query, no body, nobody's data. */
  const guard =
    (operation: string, route: string, handle: Handler, refuse: Refuse = answers.problem): Guarded =>
    (c) => {
      const { method } = c.req;
      const startedAt = performance.now();
      const seen: Seen = { id: newId('request'), code: 'done', user: undefined };
      c.env?.outgoing?.setHeader('x-request-id', seen.id);
      const work = async (): Promise<Response> => {
        const response = await handle(c, seen).catch((error: unknown) => {
          const refusal = refusalOf(error, log, seen.id);
          seen.code = refusal.code;
          return refuse(refusal);
        });
        // A page that says no has caught its refusal itself.
        if (seen.code === 'done' && response.status >= 400) seen.code = 'refused';
        log.info('request', {
          request: seen.id,
          method,
          route,
          status: response.status,
          code: seen.code,
          ms: Math.round((performance.now() - startedAt) * 10) / 10,
          ...(seen.user === undefined ? {} : { user: seen.user }),
          ...(seen.token === undefined ? {} : { tokenId: seen.token }),
        });
        return response;
      };
      if (!service.watch) return work();
      const facts = { operation, method, route, id: seen.id, traceparent: c.req.header('traceparent') };
      return service.watch.request(facts, work, ({ status }) => ({ status, code: seen.code }));
    };
  const add = (operation: string, method: string, route: string, handle: Handler, refuse?: Refuse) => {
    app.on(method, route.replace(/\{(\w+)\}/g, ':$1'), guard(operation, route, handle, refuse));
    methods.set(route, [...(methods.get(route) ?? []), method]);
  };
  /** For everything but the two questions a load balancer asks. */
  const whileOpen = (handle: Handler): Handler => {
    return async (c, seen) => {
      if (options.isStopping()) throw new Refusal('service_stopping');
      if (options.behindProxy && isOpenLine(c.req.header('x-forwarded-proto'))) {
        const reason = 'must be https: nothing is answered over an open line';
        throw new Refusal('input_invalid', { field: 'X-Forwarded-Proto', reason });
      }
      return handle(c, seen);
    };
  };

  const perform = (name: OperationName, operation: Operation): Handler =>
    whileOpen(async (c, seen) => {
      // Before anything is waited for: who hangs up meanwhile must not become a nobody.
      const address = addressOf(c, options.behindProxy);
      const call = await readCall(name, operation, c, options.patienceMs);
      const answer = await service.perform(call, {
        console: false,
        address,
        onActor: ({ user, token }) => {
          seen.user = user;
          seen.token = token?.id;
        },
      });
      if ('output' in answer) return answers.json(answer.output);
      const stream = await streamOut(answer.text, (error) => {
        const stack = (error as Error).stack ?? String(error);
        log.error('unexpected', { request: seen.id, operation: name, stack });
        c.env?.outgoing?.destroy();
      });
      return answers.text(stream);
    });
  for (const [name, operation] of Object.entries(OPERATIONS) as [OperationName, Operation][]) {
    add(name, operation.method, operation.path, perform(name, operation));
  }

  const page = async (made: Promise<Page>) => answers.page(await made, STYLE_HASH);
  for (const [route, linked] of Object.entries(LINK_PAGES)) {
    const name = `${route.slice(1)}-page`;
    const refuse = (refusal: Refusal) => page(refusedPage(linked, refusal));
    const open = whileOpen(async (c) => {
      const token = tokenOfLink(c.req.queries('token') ?? []);
      return page(linked.open(service, token, addressOf(c, options.behindProxy)));
    });
    const submit = whileOpen(async (c) => {
      const address = addressOf(c, options.behindProxy);
      const form = await readForm(c.req.raw, options.publicUrl, options.patienceMs, linked.formBytes);
      return page(linked.submit(service, tokenOfForm(linked, form), form, address));
    });
    add(name, 'GET', route, open, refuse);
    add(name, 'POST', route, submit, refuse);
  }

  add('healthz', 'GET', '/healthz', async () => answers.json({ status: 'alive' }));
  add('readyz', 'GET', '/readyz', async () => {
    if (options.isStopping()) throw new Refusal('service_stopping');
    const isReady = await service.ready().catch(() => false);
    if (!isReady) throw new Refusal('service_unreachable', { reason: 'The database does not answer.' });
    return answers.json({ status: 'ready' });
  });
  const document = once(() => openApi(options.publicUrl));
  const getDocument = whileOpen(async () => answers.json(document()));
  add('openapi', 'GET', '/openapi.json', getDocument);

  for (const [route, allowed] of methods) {
    const allow = [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : [])].join(', ');
    const refuse = async () => Promise.reject(new Refusal('method_not_allowed', { allow }));
    app.all(route.replace(/\{(\w+)\}/g, ':$1'), guard('unknown', route, refuse));
  }
  app.notFound(guard('unknown', 'unknown', async () => Promise.reject(new Refusal('route_unknown'))));
  return app;
}

/** Whether a proxy says that a request came, on any part of its way, by something else than https. */
function isOpenLine(forwarded: string | undefined): boolean {
  return forwarded?.split(',').some((each) => each.trim().toLowerCase() !== 'https') === true;
}

function refusalOf(error: unknown, log: Log, request: string): Refusal {
  if (error instanceof Refusal) return error;
  log.error('unexpected', { request, operation: 'http', stack: (error as Error).stack ?? String(error) });
  return new Refusal('unexpected');
}
