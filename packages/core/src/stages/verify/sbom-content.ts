import type { Digest } from '../../oci/digest.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { Statement } from '../../sigstore/statement.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { ContentProblem, Surroundings } from './content-rules.ts';
import { sbomPackages } from './sbom-packages.ts';
import { osOf, osPackagesOf } from './scan-content.ts';

/** Names beyond these are counted only. */
const NAMED = 5;

/**
 * Holds an SBOM against what the scan of the same image saw with its own eyes: the operating system, and every
 * vulnerable package of it. Without a signed vulnerability result there is nothing to hold it against but its own
 * emptiness; reading the packages themselves would take the whole image.
 */
export function sbomProblem({ statement }: VerifiedBundle, around: Surroundings): ContentProblem | undefined {
  const sbom = readSbom(statement);
  if (sbom.names.size === 0) return { code: 'sbom-empty', text: 'lists nothing' };
  const scans = around.accepted.filter((each) => isScanOf(each.statement, statement, around));
  for (const { predicate } of scans.map((each) => each.statement)) {
    const os = osOf(predicate);
    if (os !== undefined && sbom.systems.size > 0 && !sbom.systems.has(os)) {
      const named = [...sbom.systems].join(', ');
      return { code: 'sbom-foreign', text: `is of ${named}, but the scan found ${os}` };
    }
    const absent = osPackagesOf(predicate).filter((name) => !sbom.names.has(name));
    if (absent.length > 0) return { code: 'sbom-incomplete', text: `does not name ${shown(absent)}` };
  }
  return undefined;
}

/** A scan of one of the platforms that the SBOM speaks of. An SBOM that names the index only speaks of all. */
function isScanOf(scan: Statement, { subjects }: Statement, { image }: Surroundings): boolean {
  if (scan.predicateType !== PREDICATE_TYPES.vuln) return false;
  const isPlatform = (digest: Digest) => image.platforms.some(({ descriptor }) => descriptor.digest === digest);
  const platforms = subjects.filter(isPlatform);
  return platforms.length === 0 || scan.subjects.some((digest) => platforms.includes(digest));
}

interface Sbom {
  /** Names of all packages. */
  readonly names: ReadonlySet<string>;
  /** `debian 12`: as {@link osOf}, from the package URLs. */
  readonly systems: ReadonlySet<string>;
}

function readSbom(statement: Statement): Sbom {
  const packages = sbomPackages(statement);
  return {
    names: new Set(packages.map(({ name }) => name).filter(Boolean)),
    systems: new Set(packages.flatMap(({ urls }) => urls).flatMap((url) => systemOf(url) ?? [])),
  };
}

/** `pkg:deb/debian/libc6@2.36?arch=amd64&distro=debian-12` is of `debian 12`. */
function systemOf(url: string): string | undefined {
  const distro = /^pkg:(?:deb|apk|rpm)\/.*[?&]distro=([a-z][a-z.-]*?)-(\d+)/i.exec(url);
  return distro === null ? undefined : `${distro[1]?.toLowerCase()} ${distro[2]}`;
}

function shown(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const more = distinct.length > NAMED ? ` and ${distinct.length - NAMED} more` : '';
  return `${distinct.slice(0, NAMED).join(', ')}${more}, which the scan found in the image`;
}
