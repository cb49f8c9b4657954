import type { OPERATIONS, OperationName, Output, Parsed } from '../../core/contract/operations.ts';
import type { AccountActor, Actor, Deps, HolderActor } from '../deps.ts';

type Row<Name extends OperationName> = (typeof OPERATIONS)[Name];

/** Operations anyone (or the console) may call see an actor who may have no user; those with a scope, one who may be a token. */
type ActorOf<Name extends OperationName> = Row<Name>['role'] extends 'anyone' | 'console'
  ? Actor
  : Row<Name> extends { scope: string }
    ? AccountActor
    : HolderActor;

/** What a call carries beside its input: the key of a money call that has it in its header, the bytes of a streaming one. */
type CarriedBy<Name extends OperationName> =
  Row<Name> extends { money: 'header' }
    ? { readonly key: string }
    : Row<Name> extends { stream: 'in' }
      ? { readonly body: AsyncIterable<Uint8Array> }
      : object;

type AnswerOf<Name extends OperationName> =
  Row<Name> extends { stream: 'out' } ? AsyncIterable<string> : Output<Name>;

/** One operation's work: guards in a fixed order, then one write. Throws a Refusal for every expected no. */
export type UseCase<Name extends OperationName> = (
  deps: Deps,
  actor: ActorOf<Name>,
  input: Parsed<Name>,
  carried: CarriedBy<Name>,
) => Promise<AnswerOf<Name>>;
