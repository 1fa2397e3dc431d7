import type { ContentSource } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { platformsOf, withSizes } from '../../oci/platforms.ts';
import { isFailure } from '../../runtime/errors.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { parseVerdict, type Verdict } from '../scan/verdict.ts';
import type { Accepted } from './accepted.ts';

/** One release of an image, as far as the registry tells. */
export interface ReleasePoint {
  readonly digest: Digest;
  /** Version, commit or digest: the first that tells it from its neighbours. */
  readonly name: string;
  /** When the tag was moved to it; when it was made, where nobody wrote that down. */
  readonly at?: Date;
  /** Bytes of all platforms. */
  readonly size?: number;
  /** By the signed verdict of its own scan, suppressed ones left out. */
  readonly findings?: FindingsPoint;
}

export interface FindingsPoint {
  /** High or critical. */
  readonly high: number;
  readonly below: number;
}

export interface ReleasePorts {
  readonly source: ContentSource;
  readonly accepted: Accepted;
}

/**
 * @param tag the moving tag in whose history it is
 * @throws PlimsollError `registry-not-found` when it was deleted, and what the registry throws
 */
export async function readRelease(
  { digest, tag, at }: { readonly digest: Digest; readonly tag: string; readonly at: Date | undefined },
  { source, accepted }: ReleasePorts,
): Promise<ReleasePoint> {
  const { annotations = {} } = parseManifest(await source.manifest(digest));
  const sized = await withSizes(source, await platformsOf(source, digest));
  const verdict = newestVerdict(await accepted(digest, [PREDICATE_TYPES.verdict]), digest);
  const made = at ?? timeOf(annotations['org.opencontainers.image.created']);
  return {
    digest,
    name: releaseName(annotations, { digest, tag }),
    size: sized.reduce((total, { size }) => total + size, 0),
    ...(made === undefined ? {} : { at: made }),
    ...(verdict === undefined ? {} : { findings: findingsOf(verdict.counts) }),
  };
}

/** A version that is the name of the tag says nothing: every push to `main` has it. */
export function releaseName(
  annotations: Readonly<Record<string, string>>,
  { digest, tag }: { readonly digest: Digest; readonly tag: string },
): string {
  const version = annotations['org.opencontainers.image.version'];
  const revision = annotations['org.opencontainers.image.revision'];
  const isTag = version === undefined || version === tag;
  return (isTag ? revision?.slice(0, 7) : version) ?? digest.slice(0, digest.indexOf(':') + 13);
}

/** What is below medium counts too; secrets and misconfigurations are no vulnerabilities of a release. */
export function findingsOf({
  critical,
  high,
  medium,
  low,
  unknown,
}: Pick<Verdict['counts'], 'critical' | 'high' | 'medium' | 'low' | 'unknown'>): FindingsPoint {
  return { high: critical + high, below: medium + low + unknown };
}

function newestVerdict(accepted: readonly VerifiedBundle[], digest: Digest): Verdict | undefined {
  const about = accepted.filter(({ statement }) => statement.subjects.includes(digest));
  const [newest] = about.toSorted((a, b) => b.signedAt.getTime() - a.signedAt.getTime());
  if (newest === undefined) return undefined;
  try {
    return parseVerdict(JSON.stringify(newest.statement.predicate), digest);
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

function timeOf(text: string | undefined): Date | undefined {
  const time = new Date(text ?? '');
  return Number.isNaN(time.getTime()) ? undefined : time;
}
