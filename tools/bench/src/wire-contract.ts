/** What the channel itself is measured with: calls that cost nothing else. */
import { bytes, contract, integer, method, record, streamingMethod } from '@cooper/contracts';

const data = record({ data: bytes() });

export const wireContract = contract({
  name: 'wire',
  version: 1,
  about: 'For measurements.',
  methods: {
    echo: method({ about: 'Give it back.', params: data, result: data }),
    stream: streamingMethod({
      about: 'Stream so many items of this size.',
      params: record({ count: integer(), size: integer() }),
      item: data,
      result: record({}),
    }),
  },
});
