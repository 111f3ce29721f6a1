/**
 * Whom the store believes, and what it signs with: the files of CONFDIR, as Guix has them, and the settings. Files are
 * looked at anew for each use, so that a key that was authorised a moment ago counts.
 */
import type { Settings } from '@cooper/config';
import { Fault } from '@cooper/fault';
import { BelievedKeys, KeptFile } from '@cooper/key-files';
import {
  type NixPublicKey,
  type NixSecretKey,
  parseNixPublicKey,
  parseNixSecretKey,
  parseSecretKey,
  type SecretKey,
  type Trust,
} from '@cooper/signature';

export class Keys {
  /** Whether substitutes are taken that nobody signed. */
  readonly believesAnyone: boolean;
  readonly #directory: string;
  readonly #believed: BelievedKeys;
  readonly #secretKey: KeptFile<SecretKey>;
  readonly #nixSecretKey: KeptFile<NixSecretKey>;
  readonly #nixKeys: readonly NixPublicKey[];

  /** Throws the fault `invalid-key` for a setting that is no key. */
  constructor(settings: Pick<Settings, 'directories' | 'trusted-public-keys' | 'allow-unauthenticated-substitutes'>) {
    const directory = settings.directories.configuration;
    this.#directory = directory;
    this.believesAnyone = settings['allow-unauthenticated-substitutes'] === 'yes';
    this.#believed = new BelievedKeys(directory);
    this.#secretKey = new KeptFile(`${directory}/signing-key.sec`, parseSecretKey);
    this.#nixSecretKey = new KeptFile(`${directory}/nix-signing-key.sec`, (contents) =>
      parseNixSecretKey(contents.toString('latin1')),
    );
    this.#nixKeys = settings['trusted-public-keys'].map(parseNixPublicKey);
  }

  /** Whose signatures count. Throws the faults `invalid-access-list` and `invalid-key`. */
  get trust(): Trust {
    return { accessList: this.#believed.read(), nixKeys: this.#nixKeys };
  }

  /** The store's own keys, as far as it has any. Throws the fault `invalid-key`. */
  get own(): { readonly guix: SecretKey | undefined; readonly nix: NixSecretKey | undefined } {
    return { guix: this.#secretKey.read(), nix: this.#nixSecretKey.read() };
  }

  /** The key of Guix's kind. Throws the faults `no-signing-key` and `invalid-key`. */
  get signingKey(): SecretKey {
    const key = this.#secretKey.read();
    if (key !== undefined) return key;
    throw noKey(this.#directory);
  }

  /** The fault of a store that has nothing to sign with. */
  get missing(): Fault {
    return noKey(this.#directory);
  }
}

function noKey(directory: string): Fault {
  const file = `${directory}/signing-key.sec`;
  return new Fault('no-signing-key', `there is no key to sign with in \`${directory}'`, { file });
}
