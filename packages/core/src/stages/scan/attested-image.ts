import type { ContentSource } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import { pick, pickText } from '../../runtime/pick.ts';
import type { IdentityPolicy } from '../../sigstore/identity.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { Trust } from '../../sigstore/trusted-root.ts';
import type { ProofRules, VerifiedBundle } from '../../sigstore/verify.ts';
import { discoverBundles } from '../verify/discover.ts';
import { readImageShape, subjectsOf } from '../verify/image.ts';
import { judgeBundle } from '../verify/judge.ts';
import { createProver } from '../verify/prove.ts';

/** What is attested of one platform, by somebody who may say so. */
export interface AttestedPlatform {
  readonly platform: string;
  readonly digest: Digest;
  /** SPDX or CycloneDX; absent when there is none, or none that is accepted. */
  readonly sbom?: unknown;
  /** Every vulnerability that its newest scan saw; absent when no scan is attested. */
  readonly advisories?: ReadonlySet<string>;
}

export interface AttestedImage {
  readonly digest: Digest;
  readonly platforms: readonly AttestedPlatform[];
  /** Why bundles were refused, for the message when something is missing. */
  readonly refused: readonly string[];
}

export interface AttestedPorts {
  readonly trust: () => Promise<Trust>;
  readonly identity: IdentityPolicy;
  /** Whether an entry in the transparency log has to be there; it does unless said otherwise. */
  readonly log?: ProofRules['log'] | undefined;
}

/**
 * The SBOMs and scan results that hang on an image, verified as the verify stage does: signature, subject, identity.
 *
 * @throws PlimsollError `trust-root`, and what the registry throws
 */
export async function readAttestedImage(
  repository: ContentSource,
  digest: Digest,
  { trust, identity, log = 'required' }: AttestedPorts,
): Promise<AttestedImage> {
  const { material } = await trust();
  const image = await readImageShape(repository, digest);
  const subjects = subjectsOf(image).map(({ descriptor }) => descriptor.digest);
  const prove = createProver(material, { log });
  const judged = (await discoverBundles(repository, subjects)).map((each) => judgeBundle(each, { prove, identity }));
  const accepted = judged.flatMap((each) => (each.accepted ? [each.verified] : []));
  const platforms = image.platforms.map(({ name, descriptor }) => {
    const about = accepted.filter(({ statement }) => statement.subjects.includes(descriptor.digest));
    const sbom = newest(about, PREDICATE_TYPES.spdx) ?? newest(about, PREDICATE_TYPES.cyclonedx);
    const scan = newest(about, PREDICATE_TYPES.vuln);
    return {
      platform: name,
      digest: descriptor.digest,
      ...(sbom === undefined ? {} : { sbom: sbom.statement.predicate }),
      ...(scan === undefined ? {} : { advisories: advisoriesOf(scan.statement.predicate) }),
    };
  });
  return { digest, platforms, refused: judged.flatMap((each) => (each.accepted ? [] : [each.reason])) };
}

function newest(bundles: readonly VerifiedBundle[], predicateType: string): VerifiedBundle | undefined {
  const ofType = bundles.filter(({ statement }) => statement.predicateType === predicateType);
  return ofType.toSorted((a, b) => b.signedAt.getTime() - a.signedAt.getTime())[0];
}

/** Of cosign's predicate, whose result is a report of trivy. */
function advisoriesOf(predicate: unknown): ReadonlySet<string> {
  const results = listOf(pick(predicate, 'scanner', 'result'), 'Results');
  const vulnerabilities = results.flatMap((each) => listOf(each, 'Vulnerabilities'));
  const named = vulnerabilities.flatMap((each) => pickText(each, 'VulnerabilityID') ?? []);
  return new Set([...named, ...results.filter(isOfLanguage).flatMap(otherNames)]);
}

/** Of packages of a distribution they are those of updates, which mend other vulnerabilities too. */
function isOfLanguage(result: unknown): boolean {
  return pickText(result, 'Class') === 'lang-pkgs';
}

/** A CVE number may have been given later. */
function otherNames(result: unknown): readonly string[] {
  const listed = listOf(result, 'Vulnerabilities').flatMap((each) => listOf(each, 'VendorIDs'));
  return listed.filter((each) => typeof each === 'string');
}

function listOf(json: unknown, field: string): readonly unknown[] {
  const value = pick(json, field);
  return Array.isArray(value) ? value : [];
}
