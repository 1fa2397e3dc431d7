import type { Digest } from '@plimsoll/core/oci/digest';
import { copyToLayout } from '@plimsoll/core/oci/layout-copy';
import { descriptorOf } from '@plimsoll/core/oci/manifest';
import type { Reference } from '@plimsoll/core/oci/reference';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { bytes } from '@plimsoll/core/report/bytes';
import type { Log } from '@plimsoll/core/runtime/log';

interface Saved {
  readonly image: Reference;
  readonly repository: Repository;
  readonly digest: Digest;
  /** Directory. */
  readonly layout: string;
}

/** Takes what was verified, and the evidence with it, to where there is no registry. @returns the directory */
export async function saveImage({ image, repository, digest, layout }: Saved, log: Log): Promise<string> {
  const { bytesMoved } = await copyToLayout({
    source: repository,
    root: descriptorOf(await repository.manifest(digest)),
    directory: layout,
    referrers: true,
    ...(image.tag === undefined ? {} : { name: image.tag }),
  });
  log.info(`${repository.label}@${digest} is saved in ${layout}, ${bytes(bytesMoved)}`);
  return layout;
}
