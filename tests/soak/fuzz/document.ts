/** What is used of JSON Schema in the document. */
export type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly examples?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
};

export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
};

/** How a call may answer under one status: by media type the schema, when the document gives one. */
export type Answers = {
  readonly content: Readonly<Record<string, { readonly schema?: object }>>;
  readonly headers: Readonly<Record<string, { readonly schema: Schema | boolean }>>;
};

/** One operation, as the document describes it. */
export type Call = {
  readonly operation: string;
  readonly method: string;
  /** With `{places}`. */
  readonly path: string;
  /** The least rank of those who may call. */
  readonly who: string;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly type: string; readonly schema: Schema | undefined } | undefined;
  /** By status. */
  readonly answers: ReadonlyMap<string, Answers>;
};

/** An OpenAPI document, as far as it is read here. */
export type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Referring>>; readonly headers: object };
};
type Described = {
  readonly operationId: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<Record<string, Referring>>;
};
type Referring = { readonly $ref?: string };

/** Every operation of a document. */
export function callsOf(document: Document): Call[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => {
      const [body] = Object.entries(described.requestBody?.content ?? {});
      return {
        operation: described.operationId,
        method: method.toUpperCase(),
        path,
        who: /^Who may call: (\w+)/.exec(described.description)?.[1] ?? 'anyone',
        parameters: described.parameters,
        body: body && { type: body[0], schema: body[1].schema },
        answers: answersOf(document, described.responses),
      };
    }),
  );
}

/** What may be answered where the document has no operation: its problems. */
export function problemsOf(document: Document): ReadonlyMap<string, Answers> {
  const named = Object.entries(document.components.responses);
  return answersOf(
    document,
    Object.fromEntries(named.map(([name, response]) => [name.replace('Problem', ''), response])),
  );
}

function answersOf(
  document: Document,
  responses: Readonly<Record<string, Referring>>,
): ReadonlyMap<string, Answers> {
  return new Map(
    Object.entries(responses).map(([status, response]) => {
      const { content = {}, headers = {} } = at(document, response) as Partial<Answers>;
      const told = Object.entries(headers).map(([name, header]) => [name, at(document, header as Referring)]);
      return [status, { content, headers: Object.fromEntries(told) as Answers['headers'] }];
    }),
  );
}

/** Where a reference leads, or the thing itself. */
function at(document: Document, thing: Referring): unknown {
  if (thing.$ref === undefined) return thing;
  const keys = thing.$ref.replace('#/', '').split('/');
  return keys.reduce<unknown>((inside, key) => (inside as Record<string, unknown>)[key], document);
}
