import { BUILD_CACHES, type Channel, type RetentionPolicy } from './retention.ts';
import type { PackageVersion } from './retention-rules.ts';

const CLOCK_TOLERANCE = 3_600_000;

/** Rules that somebody wrote and that match nothing: more often a typing error than not. */
export function unmatchedRules(
  versions: readonly PackageVersion[],
  policy: RetentionPolicy,
  claims: ReadonlyMap<Channel, readonly unknown[]>,
): string[] {
  const idle = policy.written.channels
    ? policy.channels
        .filter(({ name }) => name !== BUILD_CACHES.name)
        .filter((channel) => claims.get(channel)?.length === 0)
    : [];
  const protects = policy.protectTags.filter(
    (pattern) =>
      policy.written.protectTags.has(pattern.text) &&
      !pattern.negated &&
      !versions.some((version) => version.tags.some(pattern.test)),
  );
  return [
    ...idle.map((channel) => `channel "${channel.name}" matches no tag`),
    ...protects.map((pattern) => `protect.tags "${pattern.text}" matches no tag`),
    ...policy.protectDigests
      .filter((digest) => !versions.some((version) => version.digest === digest))
      .map((digest) => `protect.digests: ${digest} is not in the package`),
  ];
}

/** Only where a registry does not say when something was pushed. */
export function agelessVersions(versions: readonly PackageVersion[]): string[] {
  const ageless = versions.filter((version) => version.ageless !== undefined).length;
  return ageless === 0
    ? []
    : [
        `${ageless} images do not say when they were made (org.opencontainers.image.created), so no count and no age takes them`,
      ];
}

export function futureVersions(versions: readonly PackageVersion[], now: number): string[] {
  const future = versions.filter((version) => version.createdAt > now + CLOCK_TOLERANCE).length;
  return future === 0 ? [] : [`${future} versions were created in the future; is the clock of this machine right?`];
}
