import { PREDICATE_TYPES } from '../sigstore/predicates.ts';
import type { Signer } from '../sigstore/signer.ts';

export interface AdmissionRequest {
  /** `registry/repository`. */
  readonly image: string;
  readonly signer: Pick<Signer, 'issuer' | 'identity' | 'sourceRepository'>;
  /** Predicate types that a cluster is to ask for; the signature's is one of them. */
  readonly predicateTypes: readonly string[];
}

/**
 * A Kyverno policy (kyverno.io, "Verifying Sigstore Bundles") that lets nothing else of this repository run: exact
 * issuer and identity, and every predicate type by itself, because a bundle of any type would do for a signature.
 */
export function kyvernoPolicy(request: AdmissionRequest): string {
  const { image, signer } = request;
  const keyless = (indent: string) =>
    [
      `${indent}attestors:`,
      `${indent}  - entries:`,
      `${indent}      - keyless:`,
      `${indent}          issuer: ${text(signer.issuer)}`,
      `${indent}          subject: ${text(signer.identity)}`,
    ].join('\n');
  const attestation = (type: string) => `            - type: ${text(type)}\n${keyless('              ')}`;
  return `${warning(signer)}apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: ${nameOf(image)}
spec:
  webhookConfiguration:
    failurePolicy: Fail
    timeoutSeconds: 30
  rules:
    - name: signed
      match:
        any:
          - resources:
              kinds: [Pod]
      verifyImages:
        - type: SigstoreBundle
          imageReferences: [${references(image)}]
          failureAction: Enforce
          required: true
          mutateDigest: true
          verifyDigest: true
          attestations:
${types(request).map(attestation).join('\n')}`;
}

/**
 * A policy for Sigstore's policy-controller (docs.sigstore.dev, "Policy Controller"). With bundles it knows
 * attestations only, so the signature is asked for as one; each authority asks for one type, and all have to agree.
 */
export function policyControllerPolicies(request: AdmissionRequest): string {
  return (
    warning(request.signer) +
    types(request)
      .map((type) => clusterImagePolicy(request, type))
      .join('\n---\n')
  );
}

/** Authorities of one policy are alternatives; policies are not. */
function clusterImagePolicy({ image, signer }: AdmissionRequest, type: string): string {
  const name = shortName(type);
  return `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: ${nameOf(`${image}-${name}`)}
spec:
  mode: enforce
  images:
    - glob: ${text(`${image}@*`)}
    - glob: ${text(`${image}:*`)}
  authorities:
    - name: ${nameOf(name)}
      signatureFormat: bundle
      keyless:
        url: https://fulcio.sigstore.dev
        identities:
          - issuer: ${text(signer.issuer)}
            subject: ${text(signer.identity)}
      ctlog:
        url: https://rekor.sigstore.dev
      attestations:
        - name: ${nameOf(name)}
          predicateType: ${text(type)}`;
}

function types({ predicateTypes }: AdmissionRequest): readonly string[] {
  return [...new Set([PREDICATE_TYPES.signature, ...predicateTypes])];
}

/** Neither controller can name the repository that called a shared workflow. */
function warning({ identity, sourceRepository }: AdmissionRequest['signer']): string {
  if (sourceRepository === undefined || identity.startsWith(`${sourceRepository}/`)) return '';
  return `# This identity is a shared workflow: whoever may call it can sign for this name. Only ${sourceRepository}
# should be able to push there; "plimsoll verify" binds the caller as well.
`;
}

/** Two, for tags and for digests: one that ends in a star alone would also be about app2. */
function references(image: string): string {
  return [`${image}:*`, `${image}@*`].map(text).join(', ');
}

/** JSON's texts are YAML's. */
function text(value: string): string {
  return JSON.stringify(value);
}

function shortName(type: string): string {
  return Object.entries(PREDICATE_TYPES).find(([, each]) => each === type)?.[0] ?? type.replace(/^[a-z]+:\/+/i, '');
}

/** A name as Kubernetes wants one (RFC 1123). */
function nameOf(value: string): string {
  const name = value.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return name.slice(-63).replaceAll(/^-+|-+$/g, '');
}
