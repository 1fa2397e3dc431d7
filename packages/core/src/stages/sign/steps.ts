import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import type { Attachment } from './attach.ts';
import { claimKey } from './claim-key.ts';
import type { ExistingBundle } from './existing.ts';
import type { PlannedAttestation } from './plan.ts';
import type { SignedAttestation } from './result.ts';

/** A planned attestation held against what the registry has. */
export interface SignStep {
  readonly planned: PlannedAttestation;
  /** An equal one of this signer: then nothing is signed. */
  readonly existing?: VerifiedBundle;
  /** Where the bundle still has to go. */
  readonly targets: readonly Descriptor[];
}

/** Pure: done work is recognised. */
export function stepsOf(
  planned: readonly PlannedAttestation[],
  existing: ReadonlyMap<Digest, ExistingBundle>,
): readonly SignStep[] {
  return planned.map((each) => {
    const there = existing.get(claimKey(each.statement));
    if (there === undefined) return { planned: each, targets: each.targets };
    const targets = each.targets.filter(({ digest }) => !there.attachedTo.has(digest));
    return { planned: each, existing: there.verified, targets };
  });
}

export function statusOf({ existing, targets }: SignStep, dryRun: boolean): SignedAttestation['status'] {
  if (existing === undefined) return dryRun ? 'planned' : 'made';
  if (targets.length === 0) return 'kept';
  return dryRun ? 'planned' : 'attached';
}

/** The steps with their bundles, those that are complete left out. */
export function attachmentsOf(
  steps: readonly SignStep[],
  made: ReadonlyMap<PlannedAttestation, VerifiedBundle>,
): readonly Attachment[] {
  return steps.flatMap(({ planned, existing, targets }) => {
    const bundle = existing ?? made.get(planned);
    return bundle === undefined || targets.length === 0 ? [] : [{ bundle, targets }];
  });
}

/** Every bundle of the plan, new or there already. */
export function bundlesOf(
  steps: readonly SignStep[],
  made: ReadonlyMap<PlannedAttestation, VerifiedBundle>,
): readonly VerifiedBundle[] {
  return steps.flatMap(({ planned, existing }) => existing ?? made.get(planned) ?? []);
}
