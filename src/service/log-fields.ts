/** The fields a log line may have. */
export const LOG_FIELDS = [
  'request',
  'method',
  'route',
  'status',
  'ms',
  'operation',
  'user',
  'session',
  'tokenId',
  'registration',
  'approval',
  'restriction',
  'by',
  'role',
  'mail',
  'kind',
  'attempts',
  'door',
  'network',
  'seq',
  'code',
  'response',
  'url',
  'stack',
] as const;

export type LogFields = { readonly [Field in (typeof LOG_FIELDS)[number]]?: string | number };
