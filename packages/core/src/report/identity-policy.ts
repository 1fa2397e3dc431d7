import { GITHUB_ISSUER } from '../policy/verify-section.ts';
import type { Signer } from '../sigstore/signer.ts';

/**
 * The `verify:` section that accepts this signer and nobody else: exact identity, the repository whose run it was by
 * name and by number, ref, runner and event. What the certificate does not state is left out.
 */
export function identityPolicyText(signer: Signer): string {
  const { issuer, identity, sourceRepository, sourceRepositoryId, sourceOwnerId } = signer;
  return [
    'verify:',
    ...(issuer === GITHUB_ISSUER ? [] : [`  issuer: ${issuer}`]),
    '  identities:',
    `    - ${quoted(identity)}`,
    ...line('source-repository', sourceRepository?.split('/').slice(-2).join('/')),
    ...line('source-repository-id', sourceRepositoryId),
    ...line('source-owner-id', sourceOwnerId),
    ...line('ref', signer.sourceRef),
    ...line('runner-environment', signer.runnerEnvironment),
    ...(signer.trigger === undefined ? [] : [`  triggers: [${quoted(signer.trigger)}]`]),
    '',
  ].join('\n');
}

/** Whether the identity is the workflow that started, or one that it called, in words. */
export function identityWords({ identity, buildConfig, sourceRepository = '' }: Signer): readonly string[] {
  if (buildConfig === undefined || buildConfig === identity) {
    return [`This run signs as ${identity}, the workflow that started.`];
  }
  return [
    `This run signs as ${identity}, the reusable workflow that was called, not as its caller`,
    `${buildConfig}. Everybody who may call it signs with the same identity, so the policy`,
    `also binds the repository of the run, ${sourceRepository}.`,
  ];
}

function line(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`  ${name}: ${quoted(value)}`];
}

/** Numbers are numbers to YAML; everything else that a certificate says may need quotes. */
function quoted(value: string): string {
  return /^(?:\d+|[a-z][\w./-]*(?:\/[\w.-]+)*)$/i.test(value) ? value : JSON.stringify(value);
}
