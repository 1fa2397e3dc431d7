import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ensureTools } from '../../toolbox/ensure-tools.ts';
import { withLock } from '../../toolbox/lock.ts';
import { makeDirectory, toolsDir } from '../../toolbox/store.ts';
import { type BaseImage, ensureBaseImage } from '../base-image/base-image.ts';
import { type ImageContent, imageIndex } from '../image/image.ts';
import { readLayout, writeLayout } from '../image/layout.ts';
import { tarFile, tarOf } from '../image/tar.ts';
import { ENTRYPOINT } from './entrypoint.ts';

/**
 * An SBOM generator for BuildKit: syft on the base image. BuildKit runs it on the platform of the
 * machine that builds, whatever the platforms of the build, so that one is all it has.
 */
export async function ensureSbomGenerator(env: NodeJS.ProcessEnv = process.env): Promise<ImageContent> {
  const { syft } = await ensureTools(['syft'], { env });
  const base = await ensureBaseImage(env);
  const key = createHash('sha256')
    .update(JSON.stringify([syft, base.content.root.digest, ENTRYPOINT]))
    .digest('hex');
  const layout = path.join(path.dirname(toolsDir(env)), 'sbom-generators', key.slice(0, 12));
  await withLock(`${layout}.lock`, {}, async () => {
    if (existsSync(layout)) return;
    await makeDirectory(layout, async (temporary) => writeLayout(temporary, await build(syft, base)));
  });
  return readLayout(layout);
}

async function build(syft: string, base: BaseImage): Promise<ImageContent> {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const program = await tarOf([
    tarFile('usr/local/bin/syft', await readFile(syft), 0o755),
    tarFile('usr/local/bin/generate', ENTRYPOINT, 0o755),
  ]);
  const layers = [baseLayer(base, architecture), program];
  const config = { Env: ['PATH=/usr/local/bin:/usr/bin'], Entrypoint: ['/usr/local/bin/generate'] };
  return imageIndex([{ architecture, layers, config }]);
}

/** The base's one layer for this architecture, uncompressed. */
function baseLayer({ content }: BaseImage, architecture: string): Buffer {
  const index = JSON.parse(content.root.bytes.toString()) as { manifests: Described[] };
  const chosen = index.manifests.find(({ platform }) => platform?.architecture === architecture);
  const manifest = content.manifests.find(({ digest }) => digest === chosen?.digest);
  const layers = manifest && (JSON.parse(manifest.bytes.toString()) as { layers: Described[] }).layers;
  const layer = content.blobs.find(({ digest }) => digest === layers?.[0]?.digest);
  if (layer === undefined) throw new Error(`the base image has no ${architecture}`);
  return gunzipSync(layer.bytes);
}

interface Described {
  readonly digest: string;
  readonly platform?: { readonly architecture: string };
}
