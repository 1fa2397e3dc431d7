import { setFlagsFromString } from 'node:v8';

/**
 * - WebAssembly stays as the baseline compiler made it: undici's parser is one large function, which V8 otherwise
 *   compiles once more in the background, with 12 to 25 MB of native memory, for answers that fit into a packet.
 * - The young generation does not grow: proofs make millions of small short-lived objects, which V8 otherwise lets
 *   gather in up to 33 MB, more of it the busier the machine is.
 */
const FLAGS = ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering', '--semi-space-growth-factor=1'] as const;

/** For a program that does not live long enough to need more; none of those that call it became slower. */
export function keepFootprintSmall(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}
