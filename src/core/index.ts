export { OkpayClient } from './client.ts';
export { OPERATIONS, type Input, type OperationName, type Output } from './contract/operations.ts';
export { REFUSALS, Refusal, type Problem, type RefusalCode } from './contract/refusals.ts';
export * from './money.ts';
export { networkTransport } from './transport/network.ts';
export type { Answer, Call, Transport } from './transport/transport.ts';
