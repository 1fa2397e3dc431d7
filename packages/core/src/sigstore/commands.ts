import { KEY_ISSUER } from './key-signer.ts';
import { cosignType } from './predicates.ts';
import type { Signer } from './signer.ts';

export interface CommandRequest {
  /** `registry/repository@sha256:…`. */
  readonly image: string;
  /** Printed exactly as the certificate has them: nothing a consumer runs is a pattern. */
  readonly signer: Pick<Signer, 'issuer' | 'identity' | 'sourceRepository'>;
  /** Path of a trusted root, where it is not the public one. */
  readonly trustedRoot?: string | undefined;
  /** True where no transparency log has it, which cosign accepts only when told to. */
  readonly unlogged?: boolean | undefined;
}

/** What a consumer types to check the signature with cosign 3. */
export function signatureCommand(request: CommandRequest): string {
  return ['cosign verify', ...commonFlags(request), quote(request.image)].join(' ');
}

/** What a consumer types to check one attestation, and to read it. */
export function attestationCommand(request: CommandRequest, predicateType: string): string {
  const type = `--type ${quote(cosignType(predicateType))}`;
  return ['cosign verify-attestation', type, ...commonFlags(request), quote(request.image)].join(' ');
}

/** What a consumer types to check one attestation with the GitHub CLI, which reads bundles from the registry too. */
export function githubCommand({ image, signer, trustedRoot }: CommandRequest, predicateType: string): string {
  const { sourceRepository = '', identity, issuer } = signer;
  return [
    `gh attestation verify ${quote(`oci://${image}`)}`,
    '--bundle-from-oci',
    `--repo ${quote(sourceRepository.split('/').slice(-2).join('/'))}`,
    `--cert-identity ${quote(identity)}`,
    `--cert-oidc-issuer ${quote(issuer)}`,
    `--predicate-type ${quote(predicateType)}`,
    ...(trustedRoot === undefined ? [] : [`--custom-trusted-root ${quote(trustedRoot)}`]),
  ].join(' ');
}

function commonFlags({ signer, trustedRoot, unlogged }: CommandRequest): readonly string[] {
  return [
    ...(signer.issuer === KEY_ISSUER ? ['--key cosign.pub'] : identityFlags(signer)),
    ...(unlogged === true ? ['--insecure-ignore-tlog --use-signed-timestamps'] : []),
    ...(trustedRoot === undefined ? [] : [`--trusted-root ${quote(trustedRoot)}`]),
  ];
}

function identityFlags(signer: CommandRequest['signer']): readonly string[] {
  return [
    `--certificate-oidc-issuer ${quote(signer.issuer)}`,
    `--certificate-identity ${quote(signer.identity)}`,
    ...callerFlag(signer),
  ];
}

/** A shared workflow signs with one identity for everybody who calls it, so the caller has to be named too. */
function callerFlag({ identity, sourceRepository }: CommandRequest['signer']): readonly string[] {
  if (sourceRepository === undefined || identity.startsWith(`${sourceRepository}/`)) return [];
  const name = sourceRepository.split('/').slice(-2).join('/');
  return [`--certificate-github-workflow-repository ${quote(name)}`];
}

/** For a POSIX shell. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
