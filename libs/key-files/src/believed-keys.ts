/**
 * Whose signatures count on this host: the access control list in the file `acl` of CONFDIR. Where there is none yet, the key of
 * this host counts, `signing-key.pub`, as in the reference, which writes it into a new list; where there is neither, nobody's.
 */
import { type AccessList, emptyAccessList, firstAccessList, parseAccessList } from '@cooper/signature';
import { KeptFile } from './kept-file.ts';

export class BelievedKeys {
  /** The path of the list, whether there is one or not. */
  readonly file: string;
  readonly #list: KeptFile<AccessList>;
  readonly #ownKey: KeptFile<AccessList>;

  constructor(configurationDirectory: string) {
    this.file = `${configurationDirectory}/acl`;
    this.#list = new KeptFile(this.file, parseAccessList);
    this.#ownKey = new KeptFile(`${configurationDirectory}/signing-key.pub`, firstAccessList);
  }

  /** Those that count now; the same object as long as the files are the same. Throws the faults `invalid-access-list` and `invalid-key`. */
  read(): AccessList {
    return this.#list.read() ?? this.#ownKey.read() ?? emptyAccessList;
  }
}
