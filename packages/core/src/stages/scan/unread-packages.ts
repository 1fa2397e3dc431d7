import { blobPath } from '../../oci/layout-files.ts';
import { isForeignLayerType } from '../../oci/media-types.ts';
import { pathInLayer } from './layer-files.ts';
import { missing, type ScanProblem } from './problem.ts';
import type { ScanTarget } from './targets.ts';

/**
 * Where package managers keep what they have installed. Trivy reads the first three where it knows the system; of the
 * others it knows nothing, and lists none of their packages.
 */
const DATABASES: readonly (readonly [manager: string, at: RegExp])[] = [
  ['dpkg', /^\/var\/lib\/dpkg\/(?:status$|status\.d\/)/],
  ['apk', /^\/(?:usr\/)?lib\/apk\/db\/installed$/],
  ['rpm', /^\/(?:var\/lib|usr\/lib\/sysimage|usr\/share)\/rpm\/(?:Packages|rpmdb)/],
  ['pacman', /^\/var\/lib\/pacman\/local\//],
  ['portage', /^\/var\/db\/pkg\//],
  ['xbps', /^\/var\/db\/xbps\/pkgdb-/],
  ['opkg', /^\/(?:usr\/lib|var\/lib)\/opkg\/status$/],
];

/**
 * Packages of a distribution in an image whose operating system trivy could not name: whatever else was found, those
 * were not looked at. Deleting the database in a later layer does not delete what it lists, so every layer counts.
 *
 * @param layoutDir holds the blobs of the target
 */
export async function unreadPackages(
  { platform, manifest }: ScanTarget,
  layoutDir: string,
): Promise<readonly ScanProblem[]> {
  for (const layer of manifest.layers) {
    if (isForeignLayerType(layer.mediaType)) continue;
    const file = await pathInLayer({ blob: blobPath(layoutDir, layer.digest), mediaType: layer.mediaType }, isDatabase);
    if (file === undefined) continue;
    const manager = DATABASES.find(([, at]) => at.test(file))?.[0];
    return [
      missing(`the ${platform} image has packages of ${manager} (${file}), and trivy cannot name its system`, KEEP),
    ];
  }
  return [];
}

function isDatabase(file: string): boolean {
  return DATABASES.some(([, at]) => at.test(file));
}

const KEEP =
  'Keep /etc/os-release of the base image in the final image, and use a distribution that trivy supports; or copy the program alone into an image without packages.';
