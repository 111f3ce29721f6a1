/** A third of the recorded behaviour of the reference: see part.ts. */
import { testPart } from './part.ts';

testPart(1);
