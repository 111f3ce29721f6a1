/** The first request on every channel: which contract, in which version. */
import { type Contract, check, integer, list, record, type Static, text } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { checkAnswer } from './answer.ts';

/** How many items a server may send for a request before it has to wait for credit. */
export const creditWindow = 64;

const name = text({ maxLength: 256 });

/** What a client says first. */
export const initializeParams = record({ contract: name, version: integer(), features: list(name), client: name });

/** What a server answers. */
export const initializeResult = record({ contract: name, version: integer(), features: list(name), server: name });

export type Greeting = Static<typeof initializeResult>;

/** The parameters of `initialize` for `contract`. */
export function handshake(contract: Contract, client: string): Static<typeof initializeParams> {
  return { contract: contract.name, version: contract.version, features: [], client };
}

/** What the server answered to `handshake`. Throws the faults `contract-mismatch` and `invalid-response`. */
export function checkGreeting(contract: Contract, answer: unknown): Greeting {
  const greeting = checkAnswer(initializeResult, answer, 'initialize result');
  if (greeting.contract === contract.name && greeting.version === contract.version) return greeting;
  throw new Fault(
    'contract-mismatch',
    `the peer serves ${greeting.contract} ${greeting.version}, not ${contract.name} ${contract.version}`,
    { contract: greeting.contract, version: greeting.version },
  );
}

/** What a server says of itself. */
export interface Introduction {
  readonly server: string;
  readonly features: readonly string[];
}

/** The answer to a client's `initialize`. Throws the fault `contract-mismatch` when it wants another contract. */
export function greet(contract: Contract, { server, features }: Introduction, params: unknown): Greeting {
  const wanted = check(initializeParams, params, 'params');
  if (wanted.contract !== contract.name || wanted.version !== contract.version) {
    throw new Fault(
      'contract-mismatch',
      `${server} serves ${contract.name} ${contract.version}, not ${wanted.contract} ${wanted.version}`,
      { contract: contract.name, version: contract.version },
    );
  }
  return { contract: contract.name, version: contract.version, features: [...features], server };
}
