export { HashRewriter } from './hash-rewriter.ts';
export { ReferenceScanner } from './reference-scanner.ts';
