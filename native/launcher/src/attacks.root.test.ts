import { attack } from './attacks.ts';
import { rootOwner } from './sandbox.ts';

attack(rootOwner);
