/** What the sample process serves. */
import { contract, method, record, text } from '@cooper/contracts';

const call = (about: string) => method({ about, params: record({}), result: record({ text: text() }) });

export const sampleContract = contract({
  name: 'sample',
  version: 1,
  about: 'For tests.',
  methods: {
    status: call('Tell what the kernel says of the process.'),
    descriptors: call('Tell which descriptors a child of the process inherits.'),
    crash: call('Run into a bug.'),
  },
});
