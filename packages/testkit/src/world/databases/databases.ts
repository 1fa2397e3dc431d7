import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ImageContent } from '../image/image.ts';
import { pushImage } from '../image/push.ts';
import type { Lifetime } from '../lifetime.ts';
import { type LocalServer, serveLocally } from '../local-server.ts';
import type { Advisory } from './advisory.ts';
import { javaDatabase, type KnownArchive } from './java-database.ts';
import { osvDatabases } from './osv-database.ts';
import { trivyDatabase } from './trivy-database.ts';

/** Where scanners find what was published. */
export interface PublishedDatabases {
  /** OCI reference, `host/aquasec/trivy-db:2`. */
  readonly trivyDb: string;
  /** Base URL; `<ecosystem>/all.zip` is below it. */
  readonly osvDb: string;
}

const TRIVY_REPOSITORY = 'aquasec/trivy-db';
const JAVA_REPOSITORY = 'aquasec/trivy-java-db';

/** Vulnerability databases made of a test's own advisories. */
export class Databases {
  readonly #lifetime: Lifetime;
  readonly #host: () => string;
  #server: Promise<LocalServer> | undefined;
  #archives = new Map<string, Buffer>();
  #updatedAt = new Date();

  /** @param host gives the hub's `host:port`; asked only when something is published */
  constructor(lifetime: Lifetime, host: () => string) {
    this.#lifetime = lifetime;
    this.#host = host;
  }

  /** Puts these advisories, and no others, into both databases. `updatedAt` is what both say of their age. */
  async publish(advisories: readonly Advisory[], updatedAt: Date = new Date()): Promise<PublishedDatabases> {
    const content: ImageContent = await trivyDatabase(advisories, updatedAt);
    const host = this.#host();
    await pushImage({ host, repository: TRIVY_REPOSITORY }, content, '2');
    this.#archives = osvDatabases(advisories);
    this.#updatedAt = updatedAt;
    this.#server ??= serveLocally(this.#lifetime, (request, response) => this.#answer(request, response));
    const { url } = await this.#server;
    return { trivyDb: `${host}/${TRIVY_REPOSITORY}:2`, osvDb: url };
  }

  /** Publishes trivy's Java database; answers with its OCI reference. */
  async publishJava(archives: readonly KnownArchive[], updatedAt: Date = new Date()): Promise<string> {
    const host = this.#host();
    await pushImage({ host, repository: JAVA_REPOSITORY }, await javaDatabase(archives, updatedAt), '1');
    return `${host}/${JAVA_REPOSITORY}:1`;
  }

  #answer({ method, url = '/', headers }: IncomingMessage, response: ServerResponse): void {
    const name = /^\/([^/]+)\/all\.zip$/.exec(url)?.[1];
    const archive = name === undefined ? undefined : this.#archives.get(decodeURIComponent(name));
    if (archive === undefined) {
      response.writeHead(404, { 'content-type': 'application/xml' });
      response.end('<Error><Code>NoSuchKey</Code></Error>');
      return;
    }
    const etag = `"${createHash('md5').update(archive).digest('hex')}"`;
    const about = { etag, 'last-modified': this.#updatedAt.toUTCString(), 'content-type': 'application/zip' };
    if (headers['if-none-match'] === etag) response.writeHead(304, about).end();
    else response.writeHead(200, { ...about, 'content-length': archive.length }).end(method === 'HEAD' ? '' : archive);
  }
}
