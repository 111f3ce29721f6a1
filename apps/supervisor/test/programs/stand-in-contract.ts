/** What the stand-ins for our processes serve: each under the name of the contract that it stands in for. */
import { contract, integer, list, literal, method, nullable, record } from '@cooper/contracts';

const status = record({
  pid: integer(),
  /** The process at the other end of the channel to the store, and those that serve as build agents. */
  store: nullable(integer()),
  agents: list(integer()),
});

export const standInContract = (name: string) =>
  contract({
    name,
    version: 1,
    about: 'For tests.',
    methods: {
      status: method({ about: 'Tell who is wired to whom.', params: record({}), result: status }),
      die: method({ about: 'Die.', params: record({ how: literal('exit', 'kill') }), result: record({}) }),
    },
  });
