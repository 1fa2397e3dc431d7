import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { readTrustedRoot, type Trust } from '../../sigstore/trusted-root.ts';
import { writePublicTrustedRoot } from '../../tools/cosign.ts';
import type { ToolPorts } from '../../tools/tool-ports.ts';

/**
 * The trusted root of a run, read once: a file, or the public one, which cosign fetches and checks
 * through TUF. A TUF client of our own would be a third of the whole action.
 *
 * @param file the `trusted-root` input
 */
export function trustOf(file: string | undefined, cosign: ToolPorts): () => Promise<Trust> {
  let trust: Promise<Trust> | undefined;
  return () => {
    trust ??= file === undefined ? publicTrust(cosign) : readTrustedRoot(file);
    return trust;
  };
}

async function publicTrust(cosign: ToolPorts): Promise<Trust> {
  const file = path.join(await mkdtemp(path.join(cosign.tempDir, 'plimsoll-trust-')), 'trusted_root.json');
  await writePublicTrustedRoot(file, cosign);
  return { ...(await readTrustedRoot(file)), isPublic: true };
}
