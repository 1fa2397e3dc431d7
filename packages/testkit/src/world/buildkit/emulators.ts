import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { executable } from '../executable.ts';
import type { Lifetime } from '../lifetime.ts';

/** BuildKit's name for an emulator (its `archutil` package), and the program that Debian's qemu-user-static has. */
const EMULATORS = { 'buildkit-qemu-aarch64': 'qemu-aarch64-static', 'buildkit-qemu-x86_64': 'qemu-x86_64-static' };

/**
 * A `PATH` on which buildkitd finds its emulators, so that images for other processors can be built also where
 * the kernel knows no handler for them (`binfmt_misc` not mounted, as in many sandboxes).
 */
export function pathWithEmulators(lifetime: Lifetime, daemon: string): string {
  const folder = lifetime.folder(daemon, 'emulators');
  for (const [name, program] of Object.entries(EMULATORS)) {
    const file = executable(program);
    if (file !== undefined) symlinkSync(file, path.join(folder, name));
  }
  return [folder, process.env['PATH'] ?? ''].join(path.delimiter);
}
