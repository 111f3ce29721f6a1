/** Another machine that does builds: what is to be known of it, as a schema and as a type. */
import { boolean, integer, list, literal, number, optional, record, type Static, text } from '@cooper/contracts';

/** Begins with no hyphen, and holds nothing that ssh or a shell would take for anything but a name. */
const hostName = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$|^[0-9A-Fa-f]*:[0-9A-Fa-f:.]{1,45}$/;

const word = text({ pattern: /^[A-Za-z0-9][A-Za-z0-9._+-]{0,254}$/, maxLength: 255, about: 'a word' });
const words = list(word, { maxLength: 1000 });

/** What the file says of a machine; all but name, host and host key has a default. */
export const machineEntry = record({
  name: optional(text({ pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, maxLength: 63, about: 'a name for people' })),
  host: text({ pattern: hostName, maxLength: 253, about: 'a host name or an address' }),
  /** The account there; `cooper` unless said. */
  user: optional(text({ pattern: /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, maxLength: 32, about: 'a user name' })),
  port: optional(integer({ minimum: 1, maximum: 65_535 })),
  /** The file of the private key that opens that account. */
  key: optional(text({ pattern: /^\/[^\0\n]*$/, maxLength: 4096, about: 'the absolute path of a file' })),
  /** The `cooper` that is run there; the one in the PATH of that account unless said. */
  program: optional(text({ pattern: /^[A-Za-z0-9/._+-]{1,1024}$/, maxLength: 1024, about: 'a program there' })),
  /** Its public host key, as in `/etc/ssh/ssh_host_ed25519_key.pub` there. */
  hostKey: text({
    pattern:
      /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]{40,8000}={0,2}( .*)?$/,
    maxLength: 10_000,
    about: 'a public host key, such as `ssh-ed25519 AAAA…`',
  }),
  /** What it builds for; that of this machine unless said. */
  systems: optional(words),
  /** What it has for `requiredSystemFeatures`. */
  features: optional(words),
  /** It does only builds that require all of these, which it has as well. */
  mandatoryFeatures: optional(words),
  /** How many builds it does at once; 1 unless said. */
  jobs: optional(integer({ minimum: 0, maximum: 10_000 })),
  /** Twice the number is twice as fast; 1 unless said. */
  speed: optional(number({ minimum: 0.001, maximum: 1000, about: 'twice the number is twice as fast' })),
  /** It gets no builds while its load, divided by its processors, is above this; 0.8 unless said. */
  overloadThreshold: optional(number({ minimum: 0.01, maximum: 1000, about: 'load divided by processors' })),
  /** For how many seconds it may be silent, or take nothing, before it is given up; 30 unless said. */
  patience: optional(integer({ minimum: 1, maximum: 3600 })),
  /**
   * For how many seconds nothing may be heard of a job whose builder does not run: what it fetches, that the build begins,
   * what comes back; 600 unless said.
   */
  jobPatience: optional(integer({ minimum: 1, maximum: 86_400 })),
  /** Of what is sent: `auto`, the default, compresses when the link is slower than the processor. */
  compression: optional(literal('auto', 'none', 'zstd')),
  /** Whether it may fetch inputs from its own caches before they are sent; true unless said. */
  substitutes: optional(boolean()),
});

/** The local machine, as one among them. */
export const localEntry = record({
  speed: optional(number({ minimum: 0.001, maximum: 1000, about: 'twice the number is twice as fast' })),
  overloadThreshold: optional(number({ minimum: 0.01, maximum: 1000, about: 'load divided by processors' })),
});

/** The whole file. */
export const machinesDocument = record({
  machines: list(machineEntry, { maxLength: 1000 }),
  /** When it is there, jobs that this machine can do sooner are left to it. */
  local: optional(localEntry),
});

export interface Machine {
  readonly name: string;
  readonly host: string;
  readonly user: string;
  readonly port: number;
  readonly key: string | null;
  readonly program: string;
  readonly hostKey: string;
  readonly systems: readonly string[];
  readonly features: readonly string[];
  readonly mandatoryFeatures: readonly string[];
  readonly jobs: number;
  readonly speed: number;
  readonly overloadThreshold: number;
  readonly patience: number;
  readonly jobPatience: number;
  readonly compression: 'auto' | 'none' | 'zstd';
  readonly substitutes: boolean;
}

export interface LocalMachine {
  readonly speed: number;
  readonly overloadThreshold: number;
}

export interface Machines {
  readonly machines: readonly Machine[];
  /** Null: this machine does what the others cannot. */
  readonly local: LocalMachine | null;
}

/** The entry with its defaults. `system` is that of this machine. */
export function completeMachine(entry: Static<typeof machineEntry>, system: string): Machine {
  return {
    name: entry.host,
    user: 'cooper',
    port: 22,
    key: null,
    program: 'cooper',
    systems: [system],
    features: [],
    mandatoryFeatures: [],
    jobs: 1,
    speed: 1,
    overloadThreshold: 0.8,
    patience: 30,
    jobPatience: 600,
    compression: 'auto',
    substitutes: true,
    ...entry,
  };
}
