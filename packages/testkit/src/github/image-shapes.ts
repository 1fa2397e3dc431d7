import { createHash } from 'node:crypto';
import type { PackageState } from './package-state.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const IMAGE = 'application/vnd.oci.image.manifest.v1+json';

/** The empty descriptor of the OCI image specification: two bytes that every artifact shares. */
const EMPTY = {
  mediaType: 'application/vnd.oci.empty.v1+json',
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  size: 2,
  data: 'e30=',
};

export interface ShapeOptions {
  readonly tags?: readonly string[];
  /** Digest of the manifest that this one is about. */
  readonly subject?: string;
  /** Makes an index differ from another one over the same children. */
  readonly note?: string;
}

/** Pushes manifests of the shapes that build tools and signers make, with content that only the seed decides. */
export class Shapes {
  readonly #state: PackageState;

  constructor(state: PackageState) {
    this.#state = state;
  }

  /** One image manifest with a layer of 1,000 bytes of its own. */
  image(seed: string, { tags = [], subject }: ShapeOptions = {}): string {
    return this.#push(
      IMAGE,
      {
        config: blob('config', `c${seed}`, 100),
        layers: [blob('layer', `l${seed}`, 1_000)],
        ...this.#subject(subject),
      },
      tags,
    );
  }

  /** Something that is no image: an empty configuration, and one layer of a type of its own (OCI image specification 1.1). */
  artifact(seed: string, { tags = [], subject }: ShapeOptions = {}): string {
    const content = {
      artifactType: 'application/vnd.example.chart.v1',
      config: EMPTY,
      layers: [{ ...blob('layer', `a${seed}`, 300), mediaType: 'application/vnd.example.chart.content.v1+tar' }],
      ...this.#subject(subject),
    };
    return this.#push(IMAGE, content, tags);
  }

  /** An index over the children, each described by its own media type. */
  index(children: readonly string[], { tags = [], subject, note }: ShapeOptions = {}): string {
    const manifests = children.map((digest) => ({ mediaType: this.#typeOf(digest), digest, size: 500 }));
    return this.#push(
      INDEX,
      { manifests, ...this.#subject(subject), ...(note !== undefined && { annotations: { note } }) },
      tags,
    );
  }

  /** What a run of prune leaves behind once its plan was shown. */
  record(): string {
    return this.#push(INDEX, { manifests: [] }, ['plimsoll-prune']);
  }

  /** What `docker buildx` pushes by default: two platforms and an attestation manifest for each. */
  multiPlatform(seed: string, options: ShapeOptions = {}): { index: string; children: string[] } {
    const children = ['amd64', 'arm64', 'att-amd64', 'att-arm64'].map((part) => this.image(`${seed}/${part}`));
    return { index: this.index(children, options), children };
  }

  #push(mediaType: string, content: object, tags: readonly string[]): string {
    return this.#state.push(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content })), mediaType, tags);
  }

  #subject(digest: string | undefined): object {
    return digest === undefined ? {} : { subject: { mediaType: this.#typeOf(digest), digest, size: 500 } };
  }

  #typeOf(digest: string): string {
    return this.#state.manifests.get(digest)?.mediaType ?? IMAGE;
  }
}

/** The fallback tag of a digest, with cosign's suffix when one is given. */
export function fallbackTag(digest: string, suffix = ''): string {
  return digest.replace(':', '-') + suffix;
}

function blob(kind: 'config' | 'layer', seed: string, size: number): object {
  const mediaType =
    kind === 'config' ? 'application/vnd.oci.image.config.v1+json' : 'application/vnd.oci.image.layer.v1.tar+gzip';
  return { mediaType, digest: `sha256:${createHash('sha256').update(seed).digest('hex')}`, size };
}
