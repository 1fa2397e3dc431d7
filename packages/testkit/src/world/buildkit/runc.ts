import { writeFileSync } from 'node:fs';
import { executable } from '../executable.ts';
import type { Lifetime } from '../lifetime.ts';

/**
 * A stand-in for runc that keeps its state in the world's directory, so that a world that was killed
 * in the middle of a build leaves none in `/run/runc`.
 * @throws when runc is not installed
 */
export function worldRunc(lifetime: Lifetime, name: string): string {
  const runc = executable('runc');
  if (runc === undefined) throw new Error('runc is not installed: run "apt-get install runc"');
  const file = lifetime.file(name, 'runc');
  writeFileSync(file, `#!/bin/sh\nexec '${runc}' --root '${lifetime.folder(name, 'containers')}' "$@"\n`, {
    mode: 0o755,
  });
  return file;
}
