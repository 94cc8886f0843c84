/** The thread that unpacks archives: one after the other, asked by {@link UnpackThread}. */
import { parentPort } from 'node:worker_threads';
import type { SourceFile } from '../../operator/bind/bundle.ts';
import { SourceProblem } from '../../operator/sources/problem.ts';
import type { UnpackAnswer, UnpackOrder } from './messages.ts';
import { unpack } from './unpack.ts';

parentPort?.on('message', ({ archive }: UnpackOrder) => {
  void answer(archive);
});

async function answer(archive: ArrayBuffer): Promise<void> {
  const message = await unpack(Buffer.from(archive)).then(packed, problemOf);
  const transfer = 'contents' in message ? [message.contents] : [];
  parentPort?.postMessage(message, transfer);
}

function packed(files: readonly SourceFile[]): UnpackAnswer {
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  const contents = new ArrayBuffer(bytes);
  const into = Buffer.from(contents);
  let at = 0;
  for (const { content } of files) at += content.copy(into, at);
  return { contents, files: files.map(({ path, content }) => ({ path, size: content.length })) };
}

/** What is no fault of the archive's ends the thread, and is told by its end. */
function problemOf(error: unknown): UnpackAnswer {
  if (!(error instanceof SourceProblem)) throw error;
  return { reason: error.reason, detail: error.message };
}
