/** The parts of the two custom resources that our snippets use; a key that they do not have is an error. */
const closed = (properties: Record<string, object>, required: readonly string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required: [...required],
  additionalProperties: false,
});
const list = (items: object) => ({ type: 'array', items, minItems: 1 });
const text = { type: 'string', minLength: 1 };
/** RFC 1123, as the API server checks it. */
const name = { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', maxLength: 63 };
const yes = { type: 'boolean', const: true };

const attestors = list(closed({ entries: list(closed({ keyless: closed({ issuer: text, subject: text }) })) }));

/** kyverno.io/v1, ClusterPolicy: `spec.rules[].verifyImages[]` of type SigstoreBundle (keyless only). */
export const KYVERNO_POLICY = closed({
  apiVersion: { const: 'kyverno.io/v1' },
  kind: { const: 'ClusterPolicy' },
  metadata: closed({ name }),
  spec: closed({
    webhookConfiguration: closed({
      failurePolicy: { enum: ['Fail', 'Ignore'] },
      timeoutSeconds: { type: 'integer', minimum: 1, maximum: 30 },
    }),
    rules: list(
      closed({
        name,
        match: closed({ any: list(closed({ resources: closed({ kinds: list(text) }) })) }),
        verifyImages: list(
          closed({
            type: { enum: ['Cosign', 'Notary', 'SigstoreBundle'] },
            imageReferences: list(text),
            failureAction: { enum: ['Audit', 'Enforce'] },
            required: yes,
            mutateDigest: yes,
            verifyDigest: yes,
            attestations: list(closed({ type: text, attestors })),
          }),
        ),
      }),
    ),
  }),
});

/** policy.sigstore.dev/v1beta1, ClusterImagePolicy. */
export const CLUSTER_IMAGE_POLICY = closed({
  apiVersion: { const: 'policy.sigstore.dev/v1beta1' },
  kind: { const: 'ClusterImagePolicy' },
  metadata: closed({ name }),
  spec: closed({
    mode: { enum: ['enforce', 'warn'] },
    images: list(closed({ glob: text })),
    authorities: list(
      closed({
        name,
        signatureFormat: { enum: ['bundle', 'legacy', 'simplesigning'] },
        keyless: closed({ url: text, identities: list(closed({ issuer: text, subject: text })) }),
        ctlog: closed({ url: text }),
        attestations: list(closed({ name, predicateType: text })),
      }),
    ),
  }),
});
