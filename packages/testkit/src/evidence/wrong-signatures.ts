import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Refusal } from '@plimsoll/core/stages/verify/reasons';
import { type Claims, DEFAULT_IDENTITY } from '../world/identity.ts';
import type { World } from '../world/world.ts';

/** What cosign says of the same: it refuses too, or it has no flag for the question and accepts. */
export type Peer = 'refuses' | 'cannot ask';

export interface WrongSignature {
  readonly refusal: Refusal;
  readonly what: string;
  readonly peer: Peer;
  readonly claims?: Claims;
  /** Changes the bundle before it is hung on the image. */
  readonly tamper?: (bundle: Bundle) => void;
  /** Of the verification. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Beside those that name issuer and identity. */
  readonly flags?: string;
}

/** The parts of a bundle that are tampered with. */
export interface Bundle {
  dsseEnvelope: { payload: string };
  verificationMaterial: { tlogEntries: unknown[]; timestampVerificationData: { rfc3161Timestamps: unknown[] } };
}

const FORK: Claims = { repository: 'fork/app', repository_owner: 'fork' };
const OTHER_WORKFLOW = DEFAULT_IDENTITY.workflowRef.replace(/[\w-]+\.yml/, 'other.yml');

/** Each is one genuine signature with one thing wrong; the last are not genuine. */
export const WRONG_SIGNATURES: readonly WrongSignature[] = [
  {
    refusal: 'source-repository',
    what: 'by a fork',
    peer: 'refuses',
    claims: FORK,
    flags: '--certificate-github-workflow-repository acme/app',
  },
  {
    refusal: 'source-owner',
    what: 'by another owner',
    peer: 'cannot ask',
    claims: FORK,
    inputs: { 'source-repository': 'acme/*' },
  },
  {
    refusal: 'source-repository-id',
    what: 'by who took over the name',
    peer: 'cannot ask',
    claims: { repository_id: '77' },
  },
  {
    refusal: 'source-owner-id',
    what: 'for who took over the name',
    peer: 'cannot ask',
    claims: { repository_owner_id: '88' },
  },
  {
    refusal: 'identity',
    what: 'by another workflow',
    peer: 'refuses',
    claims: { job_workflow_ref: OTHER_WORKFLOW },
    inputs: { 'certificate-identity': `https://github.com/${DEFAULT_IDENTITY.workflowRef}` },
  },
  {
    refusal: 'commit',
    what: 'for another commit',
    peer: 'refuses',
    claims: { sha: 'b'.repeat(40) },
    inputs: { commit: DEFAULT_IDENTITY.sha },
    flags: `--certificate-github-workflow-sha ${DEFAULT_IDENTITY.sha}`,
  },
  {
    refusal: 'ref',
    what: 'in a pull request',
    peer: 'refuses',
    claims: { ref: 'refs/pull/7/merge' },
    flags: '--certificate-github-workflow-ref refs/heads/main',
  },
  {
    refusal: 'runner-environment',
    what: 'on a self-hosted runner',
    peer: 'cannot ask',
    claims: { runner_environment: 'self-hosted' },
  },
  {
    refusal: 'trigger',
    what: 'by an event that strangers can start',
    peer: 'refuses',
    claims: { event_name: 'pull_request_target' },
    flags: '--certificate-github-workflow-trigger push',
  },
  { refusal: 'signature', what: 'and then changed', peer: 'refuses', tamper: changePayload },
  {
    refusal: 'time',
    what: 'without a timestamp',
    peer: 'refuses',
    tamper: ({ verificationMaterial: { timestampVerificationData: data } }) => void data.rfc3161Timestamps.splice(0),
  },
  {
    refusal: 'log',
    what: 'without a log entry',
    peer: 'refuses',
    tamper: ({ verificationMaterial }) => void verificationMaterial.tlogEntries.splice(0),
  },
];

function changePayload({ dsseEnvelope }: Bundle): void {
  const payload = Buffer.from(dsseEnvelope.payload, 'base64').toString();
  dsseEnvelope.payload = Buffer.from(payload.replace('{}', '{"a":1}')).toString('base64');
}

/** The world's own, with the chain of its timestamp authority where its certificate authority stands. */
export function foreignRoot({ sigstore, directory }: World): string {
  const root = JSON.parse(readFileSync(sigstore.trustedRoot, 'utf8')) as Record<string, { certChain: unknown }[]>;
  const [authority] = root['certificateAuthorities'] ?? [];
  const [timestamps] = root['timestampAuthorities'] ?? [];
  if (authority === undefined || timestamps === undefined) throw new Error('the root has no authorities');
  const file = path.join(directory, 'foreign-root.json');
  writeFileSync(
    file,
    JSON.stringify({ ...root, certificateAuthorities: [{ ...authority, certChain: timestamps.certChain }] }),
  );
  return file;
}
