import { appendFileSync } from 'node:fs';
import type { Digest } from '../oci/digest.ts';
import type { Environment } from './host.ts';

/** Adds a published image to the file that `GITHUB_ARTIFACTS` names, if the runner or a later step keeps one. */
export function announceArtifact(env: Environment, repository: string, digest: Digest): void {
  const file = env['GITHUB_ARTIFACTS'];
  if (file) appendFileSync(file, `oci://${repository}@${digest}\n`);
}
