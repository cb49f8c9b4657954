import { OPERATIONS, type Input, type OperationName, type Output } from './contract/operations.ts';
import { Refusal } from './contract/refusals.ts';
import type { Transport } from './transport/transport.ts';

type CallOptions = { readonly key?: string; readonly body?: AsyncIterable<Uint8Array> };

/** A client of the wallet service, in-process or over a network: the transport decides. */
export class OkpayClient {
  readonly #transport: Transport;
  readonly #token: string | undefined;

  /** `token` is a session or API token; without one only operations for anyone are allowed. */
  constructor(transport: Transport, token?: string) {
    this.#transport = transport;
    this.#token = token;
  }

  /** Where calls go, for people. */
  get place(): string {
    return this.#transport.place;
  }

  /**
   * Performs an operation. `key` is the Idempotency-Key that money calls need; `body` the bytes of a streaming call.
   * Throws the Refusal the service threw; `outcome_unknown` when it cannot be known whether the call was done.
   */
  async call<Name extends OperationName>(
    operation: Name,
    input: Input<Name>,
    options: CallOptions = {},
  ): Promise<Output<Name>> {
    const answer = await this.#transport.call({ operation, input, ...this.#credentials(), ...options });
    const output = OPERATIONS[operation].output.safeParse('output' in answer ? answer.output : undefined);
    if (output.success) return output.data as Output<Name>;
    // The service did something and said so in words we do not know: a change of unknown outcome, never a guess.
    throw new Refusal(OPERATIONS[operation].method === 'GET' ? 'unexpected' : 'outcome_unknown');
  }

  /** Performs an operation whose answer is a stream of text. */
  async stream<Name extends OperationName>(
    operation: Name,
    input: Input<Name>,
  ): Promise<AsyncIterable<string>> {
    const answer = await this.#transport.call({ operation, input, ...this.#credentials() });
    if ('text' in answer) return answer.text;
    throw new Refusal('unexpected');
  }

  /** Ends open connections, and in-process the service itself. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  #credentials(): { token?: string } {
    return this.#token === undefined ? {} : { token: this.#token };
  }
}
