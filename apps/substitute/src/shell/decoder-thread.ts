/** A thread that unpacks: a step of any of its jobs at a time, so that none keeps the others waiting. */
import { parentPort } from 'node:worker_threads';
import { Bzip2Decoder } from './bzip2-decoder.ts';
import type { Decoder, DecoderKind, DecoderReply, DecoderRequest } from './decoder.ts';
import { makeLzmaDecoder } from './lzma-decoder.ts';

const jobs = new Map<number, Decoder>();

async function decoderOf(job: number, kind: DecoderKind): Promise<Decoder> {
  const known = jobs.get(job);
  if (known !== undefined) return known;
  const made = kind === 'bzip2' ? new Bzip2Decoder() : await makeLzmaDecoder();
  jobs.set(job, made);
  return made;
}

async function answer(request: Extract<DecoderRequest, { kind: DecoderKind }>): Promise<void> {
  const { job, kind, input } = request;
  try {
    const step = (await decoderOf(job, kind)).step(input);
    reply({ job, ...step });
  } catch (error) {
    reply({ job, error: (error as Error).message });
  }
}

function reply(reply: DecoderReply): void {
  const moved = 'output' in reply && reply.output.byteLength > 0 ? [reply.output.buffer as ArrayBuffer] : [];
  parentPort?.postMessage(reply, moved);
}

parentPort?.on('message', (request: DecoderRequest) => {
  if ('kind' in request) {
    void answer(request);
    return;
  }
  jobs.get(request.job)?.close();
  jobs.delete(request.job);
});
