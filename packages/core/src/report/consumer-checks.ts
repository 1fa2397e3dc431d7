import { githubCommand } from '../sigstore/commands.ts';
import { KEY_ISSUER } from '../sigstore/key-signer.ts';
import { PREDICATE_TYPES } from '../sigstore/predicates.ts';
import type { BundleReport, VerifyReport } from '../stages/verify/report.ts';
import { kyvernoPolicy, policyControllerPolicies } from './admission.ts';
import { identityPolicyText } from './identity-policy.ts';
import { codeBlock, details } from './markdown.ts';
import { shellBlock } from './shell-block.ts';
import { verifyCommands } from './verify-commands.ts';

/** The signature that an image was verified by, with everything that its certificate says of the signer. */
type Signed = BundleReport & { readonly identity: string; readonly issuer: string };

/** For the image as it was verified: with the identity that did sign, and the types that are there. */
export function consumerCommands(report: VerifyReport, trustedRoot?: string): readonly string[] {
  const signature = signatureOf(report);
  if (signature === undefined) return [];
  const { identity, issuer, sourceRepository, unlogged } = signature;
  const { repository: image, digest } = report;
  return verifyCommands({
    image,
    digest,
    identity,
    issuer,
    sourceRepository,
    unlogged,
    predicateTypes: typesOf(report),
    trustedRoot,
  });
}

/** The same for other tools: the GitHub CLI, two admission controllers, and a policy file of ours. */
export function consumerSnippets(report: VerifyReport, trustedRoot?: string): readonly string[] {
  const signer = signatureOf(report);
  // A bare key names nobody, and what is in no log needs a flag that these tools do not have.
  if (signer === undefined || signer.issuer === KEY_ISSUER || signer.unlogged === true) return [];
  const { repository: image, digest } = report;
  const attested = typesOf(report).filter((type) => type !== PREDICATE_TYPES.signature);
  const wanted = attested.includes(PREDICATE_TYPES.slsaprovenance1) ? [PREDICATE_TYPES.slsaprovenance1] : attested;
  const admission = { image, signer, predicateTypes: attested };
  const command = { image: `${image}@${digest}`, signer, trustedRoot };
  return [
    ...wanted.slice(0, 1).map((type) => details('With the GitHub CLI', shellBlock([githubCommand(command, type)]))),
    details('In a cluster, with Kyverno', codeBlock(kyvernoPolicy(admission), 'yaml')),
    details('In a cluster, with policy-controller', codeBlock(policyControllerPolicies(admission), 'yaml')),
    details('A policy file that accepts this signer and nobody else', codeBlock(identityPolicyText(signer), 'yaml')),
  ];
}

function signatureOf({ digest, bundles, verified }: VerifyReport): Signed | undefined {
  if (!verified) return undefined;
  return bundles.find(
    (bundle): bundle is Signed =>
      bundle.accepted &&
      bundle.subject === digest &&
      bundle.predicateType === PREDICATE_TYPES.signature &&
      bundle.identity !== undefined &&
      bundle.issuer !== undefined,
  );
}

function typesOf({ digest, bundles }: VerifyReport): readonly string[] {
  const accepted = bundles.filter((bundle) => bundle.accepted && bundle.subject === digest);
  return [...new Set(accepted.flatMap(({ predicateType }) => predicateType ?? []))];
}
