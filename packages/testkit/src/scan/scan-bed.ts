import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { digestOf } from '@plimsoll/core/oci/digest';
import { OCI_MANIFEST } from '@plimsoll/core/oci/media-types';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { defaultPolicy, defaultPolicyDigest } from '@plimsoll/core/policy/defaults';
import { type Clock, systemClock } from '@plimsoll/core/runtime/clock';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import { createHttp } from '@plimsoll/core/runtime/http';
import { silentLog } from '@plimsoll/core/runtime/log';
import { requirePass, type ScanPorts, type ScanRequest, type ScanResult, scanImage } from '@plimsoll/core/stages/scan';
import type { ImageJob, Scanners } from '@plimsoll/core/stages/scan/scanners';
import type { OsvRun } from '@plimsoll/core/tools/osv-scanner';
import type { TrivyRun } from '@plimsoll/core/tools/trivy';
import { type WrittenLayout, writeImageLayout } from '../layout/image-layout.ts';
import { type MemoryRegistry, startMemoryRegistry } from '../registry/memory-registry.ts';
import { zipOf } from '../world/databases/zip.ts';
import { tarFile, tarOf } from '../world/image/tar.ts';

const DATABASE_LAYER = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip';
/** The time at which everything in a {@link ScanBed} happens. */
export const NOW = new Date('2026-11-21T09:00:00Z');

export interface OsvAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

/** The scan stage with scanners that find nothing, a registry in memory, and databases of its own. */
export class ScanBed {
  readonly registry: MemoryRegistry;
  readonly clock: Clock = { ...systemClock, now: () => NOW, sleep: async () => {} };
  readonly #osv: Server;
  readonly #http = createHttp();
  osvAnswer: OsvAnswer = { status: 404, headers: {}, body: '' };
  /** Of the current test. */
  root = '';
  #layout: WrittenLayout | undefined;

  private constructor(registry: MemoryRegistry, osv: Server) {
    this.registry = registry;
    this.#osv = osv;
  }

  static async start(): Promise<ScanBed> {
    const registry = await startMemoryRegistry();
    const osv = createServer((_request, response) => {
      response.writeHead(bed.osvAnswer.status, bed.osvAnswer.headers);
      response.end(bed.osvAnswer.body);
    });
    const bed = new ScanBed(registry, osv);
    await new Promise<void>((resolve) => osv.listen(0, '127.0.0.1', resolve));
    return bed;
  }

  async stop(): Promise<void> {
    this.#osv.close();
    await this.registry.stop();
    await this.#http[Symbol.asyncDispose]();
  }

  /** A fresh start for a test. @returns what removes it again */
  async reset(): Promise<() => void> {
    const root = mkdtempSync(path.join(tmpdir(), 'plimsoll-scan-test-'));
    this.root = root;
    this.layout = await writeImageLayout(path.join(root, 'layout'), [
      { architecture: 'amd64', layers: [{ 'etc/os-release': 'ID=debian\n' }] },
      { architecture: 'arm64', layers: [{ 'etc/os-release': 'ID=debian\nVERSION_ID=12\n' }] },
    ]);
    this.registry.onRequest = () => undefined;
    this.osvAnswer = {
      status: 200,
      headers: { 'last-modified': 'Sat, 21 Nov 2026 08:00:00 GMT' },
      body: zipOf([{ name: 'TEST-1.json', content: Buffer.from('{"id":"TEST-1","modified":"2026-11-21T08:00:00Z"}') }]),
    };
    await this.pushDatabase('2026-11-21T06:00:00Z');
    return () => rmSync(root, { recursive: true, force: true });
  }

  /** What is scanned: an image for amd64 and arm64 unless a test puts another in its place. */
  get layout(): WrittenLayout {
    if (this.#layout === undefined) throw new Error('reset() makes the layout');
    return this.#layout;
  }

  set layout(layout: WrittenLayout) {
    this.#layout = layout;
  }

  get osvUrl(): string {
    return `http://127.0.0.1:${(this.#osv.address() as AddressInfo).port}`;
  }

  /** Puts a trivy database that says when it was made, or any bytes in its place, at `db:2`. */
  async pushDatabase(updatedAt: string, archive?: Buffer): Promise<void> {
    const repository = this.registries().repository({ registry: this.registry.host, repository: 'db' }, 'push');
    const metadata = JSON.stringify({ Version: 2, UpdatedAt: updatedAt });
    const tar = await tarOf([tarFile('trivy.db', `made ${updatedAt}`), tarFile('metadata.json', metadata)]);
    const put = async (bytes: Buffer, mediaType: string) => {
      const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
      await repository.putBlob(descriptor, async () => chunks(bytes));
      return descriptor;
    };
    const layer = await put(archive ?? gzipSync(tar), DATABASE_LAYER);
    const config = await put(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] }));
    await repository.putManifest({ mediaType: OCI_MANIFEST, digest: digestOf(bytes), bytes }, '2');
  }

  registries(): Registries {
    return new Registries({ credentials: { forHost: async () => undefined }, http: this.#http, clock: this.clock });
  }

  scan(
    change: Partial<Scanners> = {},
    request: Partial<ScanRequest> = {},
    ports: Partial<ScanPorts> = {},
  ): Promise<ScanResult> {
    return scanImage(
      {
        image: 'ghcr.io/acme/app',
        subject: { layout: this.layout.directory },
        policy: { rules: defaultPolicy.scan, digest: defaultPolicyDigest() },
        databases: {
          trivy: [`${this.registry.host}/db:2`],
          java: [],
          osv: [this.osvUrl],
          cacheDir: path.join(this.root, 'cache'),
        },
        outputDir: path.join(this.root, 'out'),
        tempDir: this.root,
        ...request,
      },
      {
        scanners: { ...cleanScanners, ...change },
        repository: (name) => this.registries().repository(name),
        http: this.#http,
        log: silentLog,
        clock: this.clock,
        ...ports,
      },
    );
  }

  /** A source tree with one lockfile, as part of a request. */
  withLockfile(): { source: string } {
    const source = mkdtempSync(path.join(this.root, 'source-'));
    writeFileSync(path.join(source, 'package-lock.json'), '{}');
    return { source };
  }
}

async function* chunks(bytes: Buffer): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** Scanners that find nothing wrong; tests replace one method. */
export const cleanScanners: Scanners = {
  image: async (job) => trivyRun(imageIdOf(job)),
  source: async () => ({ report: { SchemaVersion: 2 }, warnings: [] }),
  sbom: async () => trivyRun('', {}),
  lockfiles: async (directory) => osvRun({ scanned: [path.join(directory, 'package-lock.json')] }),
  tools: [{ name: 'trivy', version: '0.72.0' }],
  isolation: 'namespaces',
};

export function imageIdOf({ layoutDir, digest }: ImageJob): string {
  const manifest = JSON.parse(readFileSync(path.join(layoutDir, 'blobs/sha256', digest.slice(7)), 'utf8')) as {
    config: { digest: string };
  };
  return manifest.config.digest;
}

export function trivyRun(ImageID: string, change: Partial<TrivyRun['report']> = {}): TrivyRun {
  const Metadata = { OS: { Family: 'debian', Name: '12' }, ImageID };
  const Results = [{ Target: 'x', Class: 'os-pkgs', Packages: [{ Name: 'zlib1g' }] }];
  return { report: { SchemaVersion: 2, Metadata, Results, ...change }, warnings: [] };
}

export function osvRun(change: Partial<OsvRun>): OsvRun {
  return { report: { results: [] }, loaded: [], missing: [], errors: [], scanned: [], skipped: [], ...change };
}

/** Every outcome but `pass` is a failure that says what to do. */
export function refusalOf(result: ScanResult): PlimsollError {
  try {
    requirePass(result.report);
  } catch (error) {
    if (error instanceof PlimsollError && error.hint.length > 20) return error;
    throw error;
  }
  throw new Error('this passed');
}
