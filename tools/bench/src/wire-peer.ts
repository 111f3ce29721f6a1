/** The other end of the channel that wire-rows.ts measures: serves on the socket that is its descriptor 3. */
import { Socket } from 'node:net';
import { serve } from '@cooper/ipc';
import { wireContract } from './wire-contract.ts';

serve(
  wireContract,
  {
    echo: ({ data }) => ({ data }),
    stream: async ({ count, size }, call) => {
      const data = Buffer.alloc(size, 'x');
      for (let sent = 0; sent < count; sent++) await call.send({ data });
      return {};
    },
  },
  new Socket({ fd: 3 }),
  { server: 'wire-peer' },
);
