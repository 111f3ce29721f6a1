/** Where to listen: `PORT`, `HOST:PORT`, `[IPV6]:PORT`. */
import { Fault } from '@cooper/fault';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The address that `text` writes; without a host, the machine itself. Throws the fault `invalid-option`. */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]:|([^:[\]]+):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits !== undefined && port < 65_536) return { host: bracketed ?? plain ?? 'localhost', port };
  throw new Fault('invalid-option', `--listen takes [HOST:]PORT, not \`${text}'`, { option: 'listen', text });
}
