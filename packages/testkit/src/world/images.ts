import { ensureBaseImage } from './base-image/base-image.ts';
import type { ImageContent } from './image/image.ts';
import { pushImage } from './image/push.ts';
import { ensureSbomGenerator } from './sbom-generator/sbom-generator.ts';

/** Images that a build needs, in the world's hub. Each is pushed once, when it is first asked for. */
export class Images {
  readonly #host: () => string;
  readonly #pushed = new Map<string, Promise<string>>();

  /** @param host gives the hub's `host:port`; asked only when an image is */
  constructor(host: () => string) {
    this.#host = host;
  }

  /**
   * A two-platform base image of real packages (busybox as its shell), by tag and digest:
   * `host/library/base:bookworm@sha256:…`.
   */
  base(): Promise<string> {
    return this.#once('library/base', async () => {
      const { content, distribution } = await ensureBaseImage();
      return { content, tag: distribution.codename };
    });
  }

  /** An SBOM generator for `--sbom=generator=`, by tag and digest. */
  sbomGenerator(): Promise<string> {
    return this.#once('docker/buildkit-syft-scanner', async () => ({
      content: await ensureSbomGenerator(),
      tag: 'stable',
    }));
  }

  #once(repository: string, make: () => Promise<{ content: ImageContent; tag: string }>): Promise<string> {
    const found = this.#pushed.get(repository);
    if (found !== undefined) return found;
    const pushed = make().then(async ({ content, tag }) => {
      const host = this.#host();
      await pushImage({ host, repository }, content, tag);
      return `${host}/${repository}:${tag}@${content.root.digest}`;
    });
    this.#pushed.set(repository, pushed);
    return pushed;
  }
}
