import type { ContentTarget } from '@plimsoll/core/oci/content';
import type { Digest } from '@plimsoll/core/oci/digest';
import { descriptorOf } from '@plimsoll/core/oci/manifest';
import { attachReferrers } from '@plimsoll/core/oci/referrers';
import { silentLog } from '@plimsoll/core/runtime/log';
import { BUNDLE_MEDIA_TYPE, bundleAnnotations } from '@plimsoll/core/sigstore/bundle';
import { encodeStatement, type Statement } from '@plimsoll/core/sigstore/statement';
import { attestStatement } from '@plimsoll/core/tools/cosign';
import type { Claims } from '../world/identity.ts';
import type { World } from '../world/world.ts';

/** Signs any statement as anybody, with the world's own Sigstore: genuine bundles that say the wrong thing. */
export async function signAs(world: World, statement: Statement, claims: Claims = {}): Promise<Buffer> {
  const { sigstore, github, tools, directory } = world;
  const cosign = { name: 'cosign', version: 'local', path: tools.cosign ?? 'cosign' } as const;
  return attestStatement({
    toolbox: { get: () => Promise.resolve(cosign) },
    log: silentLog,
    env: {},
    tempDir: directory,
    statement: encodeStatement(statement),
    identityToken: github.oidc.token('sigstore', claims),
    signingConfig: sigstore.signingConfig,
  });
}

/** Hangs bytes on an image as if they were a bundle of this type, whatever they are. */
export async function hang(
  target: ContentTarget,
  { on, predicateType, bytes }: { readonly on: Digest; readonly predicateType: string; readonly bytes: Buffer },
): Promise<void> {
  const subject = descriptorOf(await target.manifest(on));
  const annotations = bundleAnnotations(predicateType, new Date());
  const blobs = [{ mediaType: BUNDLE_MEDIA_TYPE, bytes }];
  await attachReferrers(target, subject, [{ artifactType: BUNDLE_MEDIA_TYPE, annotations, blobs }]);
}
