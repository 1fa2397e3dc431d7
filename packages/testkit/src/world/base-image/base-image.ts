import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { withLock } from '../../toolbox/lock.ts';
import { makeDirectory, toolsDir } from '../../toolbox/store.ts';
import { type ImageContent, imageIndex, type PlatformImage } from '../image/image.ts';
import { readLayout, writeLayout } from '../image/layout.ts';
import { tarOf } from '../image/tar.ts';
import { downloadPackages } from './apt.ts';
import { type Distribution, hostDistribution } from './distribution.ts';
import { readPackage } from './package.ts';
import { rootfs } from './rootfs.ts';

/** A small image of real packages for amd64 and arm64. */
export interface BaseImage {
  /** An OCI layout directory outside any work tree; read it only. */
  readonly layout: string;
  readonly distribution: Pick<Distribution, 'id' | 'version' | 'codename'>;
  readonly content: ImageContent;
}

const ARCHITECTURES = ['amd64', 'arm64'] as const;
const PACKAGES = ['base-files', 'base-passwd', 'busybox-static', 'libc6', 'netbase', 'zlib1g'] as const;
/** Changes when what is made of the packages changes. */
const FORMAT = 2;

/**
 * A base image made of this system's packages, without a container registry. The first call downloads
 * about 15 MB; later ones read the user's cache.
 */
export async function ensureBaseImage(env: NodeJS.ProcessEnv = process.env): Promise<BaseImage> {
  const distribution = hostDistribution();
  const key = createHash('sha256')
    .update(JSON.stringify([FORMAT, distribution, PACKAGES]))
    .digest('hex');
  const layout = path.join(path.dirname(toolsDir(env)), 'base-images', `${distribution.codename}-${key.slice(0, 12)}`);
  await withLock(`${layout}.lock`, {}, async () => {
    if (!existsSync(layout)) await makeDirectory(layout, (temporary) => build(distribution, temporary));
  });
  return { layout, distribution, content: await readLayout(layout) };
}

async function build(distribution: Distribution, directory: string): Promise<void> {
  const platforms = await Promise.all(
    ARCHITECTURES.map((architecture) => buildPlatform({ distribution, architecture, directory })),
  );
  await writeLayout(directory, imageIndex(platforms));
}

interface PlatformRequest {
  readonly distribution: Distribution;
  readonly architecture: string;
  readonly directory: string;
}

async function buildPlatform({ distribution, architecture, directory }: PlatformRequest): Promise<PlatformImage> {
  const scratch = path.join(directory, `apt-${architecture}`);
  await mkdir(scratch);
  const files = await downloadPackages({ distribution, architecture, packages: PACKAGES, directory: scratch });
  const packages = await Promise.all(files.toSorted().map(readPackage));
  const layer = await tarOf(rootfs(packages));
  await rm(scratch, { recursive: true });
  const search = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return { architecture, layers: [layer], config: { Env: [search], Cmd: ['sh'] } };
}
