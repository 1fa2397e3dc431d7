import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { PREDICATE_TYPES, predicateName } from '../../sigstore/predicates.ts';
import { signatureStatement, type Statement } from '../../sigstore/statement.ts';
import { type ImageShape, type ImagePart, subjectsOf } from '../verify/image.ts';
import type { BuildStatement } from './buildkit.ts';
import type { ScanEvidence } from './scan-evidence.ts';
import { carriesEvidence, DEFAULT_SCOPE, type Scope, signedParts } from './scope.ts';

/** One statement to be signed, and where the bundle goes. */
export interface PlannedAttestation {
  /** `spdx` of `linux/arm64`; unique within a plan. */
  readonly name: string;
  readonly about: string;
  readonly statement: Statement;
  /** The manifests it is attached to: those that it names, as far as they carry evidence. */
  readonly targets: readonly Descriptor[];
}

/** A predicate that the caller brings. */
export interface ExtraPredicate {
  readonly predicateType: string;
  readonly predicate: unknown;
}

export interface PlanParts {
  readonly image: ImageShape;
  readonly built: readonly BuildStatement[];
  /** Absent when the verdict is on the digest already, signed. */
  readonly scanned?: ScanEvidence | undefined;
  readonly extra: readonly ExtraPredicate[];
  readonly scope?: Scope;
}

/**
 * Everything that is to be said about an image. Pure. What is about one platform names the index as
 * well, so that it is found, and holds, for whoever asks by either digest.
 */
export function planAttestations(plan: PlanParts): readonly PlannedAttestation[] {
  const { image, built, scanned, extra, scope = DEFAULT_SCOPE } = plan;
  const parts = subjectsOf(image);
  const carries = carriesEvidence(image, scope);
  const whole = (predicateType: string, predicate: unknown) =>
    attestation({ predicateType, predicate }, { subjects: parts, about: parts[0]?.name ?? 'image', carries });
  const one = (platform: Digest, claim: ExtraPredicate) =>
    parts
      .filter(({ descriptor }) => descriptor.digest === platform)
      .map((part) => attestation(claim, { subjects: withRoot(part, parts), about: part.name, carries }));
  return [
    ...signedParts(image, scope).map(signature),
    ...built.flatMap(({ platform, statement }) => one(platform, statement)),
    ...(scanned?.predicates ?? []).flatMap(({ platform, predicateType, predicate }) =>
      one(platform, { predicateType, predicate }),
    ),
    ...(scanned === undefined ? [] : [whole(PREDICATE_TYPES.verdict, scanned.verdict)]),
    ...extra.map(({ predicateType, predicate }) => whole(predicateType, predicate)),
  ];
}

function signature({ name, descriptor }: ImagePart): PlannedAttestation {
  return { name: 'signature', about: name, statement: signatureStatement(descriptor.digest), targets: [descriptor] };
}

function withRoot(part: ImagePart, parts: readonly ImagePart[]): readonly ImagePart[] {
  const root = parts[0];
  return root === undefined || root === part ? [part] : [root, part];
}

interface About {
  readonly subjects: readonly ImagePart[];
  readonly about: string;
  readonly carries: (manifest: Descriptor) => boolean;
}

function attestation(claim: ExtraPredicate, { subjects, about, carries }: About): PlannedAttestation {
  const { predicateType, predicate } = claim;
  const named = subjects.map(({ descriptor }) => descriptor);
  const statement = { subjects: named.map(({ digest }) => digest), predicateType, predicate };
  return { name: predicateName(predicateType), about, statement, targets: named.filter(carries) };
}
