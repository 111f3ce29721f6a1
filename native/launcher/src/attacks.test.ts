import { attack } from './attacks.ts';
import { userOwner } from './sandbox.ts';

attack(userOwner);
