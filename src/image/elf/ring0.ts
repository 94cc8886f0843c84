import { open } from 'node:fs/promises';
import type { Patch } from '../tree.ts';

/**
 * What V8's built-in code does for the remainder of two doubles, until the processor's
 * C2 flag says that it is done: `fprem; fnstsw ax; shr eax,8; and eax,0xff; push rax; popf; jp`.
 * A Linux process cannot change the interrupt flag by `popf`. In OSv programs run with the
 * kernel's rights: `10.5 % 3` turns interrupts off, and the guest dies at its next page fault.
 */
const BEFORE = 'd9f8dfe0';
const POPF = 'c1e80825ff000000509d';
const AFTER = '7a';
/** `sahf` sets the same arithmetic flags from AH, and no other; filled up by a nop of nine bytes. */
const SAHF = '9e660f1f840000000000';

const PATTERN = Buffer.from(BEFORE + POPF + AFTER, 'hex');
const REPLACEMENT = Buffer.from(SAHF, 'hex');
const AT = BEFORE.length / 2;
const PIECE = 4 * 1024 * 1024;

/** The places of `program` that would turn interrupts off, each with what to put there; every x86-64 processor since 2006 has it. */
export async function interruptPatches(program: string): Promise<readonly Patch[]> {
  await using file = await open(program);
  const patches: Patch[] = [];
  const window = Buffer.allocUnsafe(PIECE);
  // Each window begins where the last one may have cut a pattern in two.
  for (let offset = 0; ; offset += PIECE - PATTERN.length + 1) {
    const { bytesRead } = await file.read(window, 0, PIECE, offset);
    const bytes = window.subarray(0, bytesRead);
    for (let at = bytes.indexOf(PATTERN); at !== -1; at = bytes.indexOf(PATTERN, at + 1)) {
      patches.push({ offset: offset + at + AT, bytes: REPLACEMENT });
    }
    if (bytesRead < PIECE) return patches;
  }
}
