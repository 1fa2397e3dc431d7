import type { JsonAnswer } from '../world/local-server.ts';

interface Bundle {
  readonly dsseEnvelope: { readonly payload: string };
}

const PATH = /^\/repos\/(?<repository>[^/]+\/[^/]+)\/attestations(?:\/(?<digest>[^/]+))?$/;

/** GitHub's attestation store: bundles by the digests that their statements name. */
export class Attestations {
  /** By `owner/name`. */
  readonly stored: { readonly repository: string; readonly bundle: Bundle }[] = [];

  /** @returns `undefined` for another path */
  handle(method: string, url: URL, body: Buffer): JsonAnswer | undefined {
    const { repository, digest } = PATH.exec(decodeURIComponent(url.pathname))?.groups ?? {};
    if (repository === undefined) return undefined;
    if (method === 'POST' && digest === undefined) return this.#store(repository, body);
    return digest === undefined ? undefined : this.#list(repository, digest);
  }

  #store(repository: string, body: Buffer): JsonAnswer {
    const { bundle } = JSON.parse(body.toString()) as { bundle?: Bundle };
    if (bundle === undefined || subjectsOf(bundle).length === 0) {
      return { status: 422, body: { message: 'Invalid bundle' } };
    }
    this.stored.push({ repository, bundle });
    return { status: 201, body: { id: this.stored.length } };
  }

  #list(repository: string, digest: string): JsonAnswer {
    const own = this.stored.filter((each) => each.repository === repository);
    const about = own.filter(({ bundle }) => subjectsOf(bundle).includes(digest));
    if (about.length === 0) return { status: 404, body: { message: 'Not Found' } };
    return { status: 200, body: { attestations: about.map(({ bundle }) => ({ bundle, repository_id: 1 })) } };
  }
}

function subjectsOf({ dsseEnvelope }: Bundle): readonly string[] {
  const text = Buffer.from(dsseEnvelope.payload, 'base64').toString();
  const { subject } = JSON.parse(text) as { subject: readonly { digest: { sha256: string } }[] };
  return subject.map(({ digest }) => `sha256:${digest.sha256}`);
}
