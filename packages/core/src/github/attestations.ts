import type { Digest } from '../oci/digest.ts';
import { mapConcurrently } from '../runtime/concurrent.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { pick, pickText } from '../runtime/pick.ts';
import { type ApiAnswer, type GitHubApi, parse } from './api.ts';

/** A bundle, and what its statement is about. */
export interface StoredBundle {
  readonly bytes: Buffer;
  readonly subjects: readonly Digest[];
}

/** GitHub's own place for attestations of one repository, where `gh attestation verify` looks. */
export interface AttestationStore {
  /** To be asked before anything is signed. @throws PlimsollError `attestations-denied`, `github-*` */
  assertOpen(digest: Digest): Promise<void>;
  /** Stores those that are not there yet. @returns how many that were @throws PlimsollError `attestations-denied`, `attestations-rejected`, `github-*` */
  put(bundles: readonly StoredBundle[]): Promise<number>;
}

/** The API creates one at a time, and asks not to be hurried. */
const PARALLEL = 2;

/** docs.github.com/rest/repos/attestations. @param repository `owner/name` */
export function attestationStore(api: GitHubApi, repository: string): AttestationStore {
  const path = `/repos/${repository}/attestations`;
  const there = async (digest: Digest) =>
    signaturesIn(await api.send({ path: `${path}/${digest}`, query: { per_page: '100' } }));
  return {
    assertOpen: async (digest) => void (await there(digest)),
    put: async (bundles) => {
      const subjects = [...new Set(bundles.flatMap(({ subjects: [first] }) => first ?? []))];
      const known = new Set((await mapConcurrently(subjects, PARALLEL, there)).flat());
      const due = bundles.filter(({ bytes }) => !known.has(signatureOf(JSON.parse(bytes.toString('utf8'))) ?? ''));
      await mapConcurrently(due, PARALLEL, async ({ bytes }) => {
        const bundle: unknown = JSON.parse(bytes.toString('utf8'));
        accepted(await api.send({ method: 'POST', path, body: { bundle } }));
      });
      return due.length;
    },
  };
}

/** A digest that nothing is known about is answered with 404 or with an empty list. */
function signaturesIn(answer: ApiAnswer): readonly string[] {
  if (answer.status === 404) return [];
  const listed = pick(accepted(answer), 'attestations');
  return Array.isArray(listed) ? listed.flatMap((each) => signatureOf(pick(each, 'bundle')) ?? []) : [];
}

function signatureOf(bundle: unknown): string | undefined {
  return pickText(bundle, 'dsseEnvelope', 'signatures', 0, 'sig');
}

function accepted(answer: ApiAnswer): unknown {
  const { status, request } = answer;
  if (status === 403) {
    throw new PlimsollError('attestations-denied', `${request}: GitHub's attestation store refused the token`, {
      hint: 'Write "permissions: attestations: write" in the job, or leave "github-attestations" out.',
    });
  }
  if ([400, 413, 422].includes(status)) {
    throw new PlimsollError('attestations-rejected', `${request}: ${reasonIn(answer)}`, {
      hint: "GitHub's store takes bundles of the public Sigstore and of its own, and private repositories need GitHub Enterprise Cloud. The image itself is signed.",
    });
  }
  return parse(answer);
}

function reasonIn({ status, text }: ApiAnswer): string {
  try {
    return pickText(JSON.parse(text), 'message') ?? String(status);
  } catch {
    return String(status);
  }
}
