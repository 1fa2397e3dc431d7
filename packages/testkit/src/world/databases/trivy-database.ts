import { gzipSync } from 'node:zlib';
import { blobOf } from '../image/blob.ts';
import { artifact, type ImageContent } from '../image/image.ts';
import { tarFile, tarOf } from '../image/tar.ts';
import {
  type Advisory,
  type Affected,
  type Ecosystem,
  isLanguagePackage,
  SEVERITY_CVSS,
  SEVERITY_RANK,
} from './advisory.ts';
import { type Bucket, boltFile } from './bolt.ts';

/** Where advisories of one kind of package lie in trivy's database, and who is named as their source. */
interface Source {
  readonly bucket: string;
  readonly id: string;
  readonly name: string;
  readonly url: string;
}

const OS_SOURCES = {
  debian: { id: 'debian', name: 'Debian Security Tracker', url: 'https://salsa.debian.org/security-tracker-team' },
  ubuntu: { id: 'ubuntu', name: 'Ubuntu CVE Tracker', url: 'https://git.launchpad.net/ubuntu-cve-tracker' },
  alpine: { id: 'alpine', name: 'Alpine Secdb', url: 'https://secdb.alpinelinux.org/' },
} as const;

/** trivy's prefix and GitHub's name of each ecosystem. */
const LANGUAGE_NAMES: Readonly<Record<Ecosystem, readonly [prefix: string, github: string]>> = {
  Go: ['go', 'Go'],
  npm: ['npm', 'Npm'],
  PyPI: ['pip', 'Pip'],
  'crates.io': ['cargo', 'Rust'],
  Maven: ['maven', 'Maven'],
  RubyGems: ['rubygems', 'RubyGems'],
};

const DAY = 86_400_000;

/** trivy's vulnerability database as an OCI artifact, as it is published (trivy-db, schema version 2). */
export async function trivyDatabase(advisories: readonly Advisory[], updatedAt: Date): Promise<ImageContent> {
  const metadata = {
    Version: 2,
    NextUpdate: new Date(updatedAt.getTime() + DAY).toISOString(),
    UpdatedAt: updatedAt.toISOString(),
    DownloadedAt: '0001-01-01T00:00:00Z',
  };
  const archive = await tarOf([
    tarFile('trivy.db', boltFile(databaseBuckets(advisories)), 0o600),
    tarFile('metadata.json', JSON.stringify(metadata), 0o600),
  ]);
  const layer = blobOf('application/vnd.aquasec.trivy.db.layer.v1.tar+gzip', gzipSync(archive));
  const titled = { ...layer, annotations: { 'org.opencontainers.image.title': 'db.tar.gz' } };
  return artifact('application/vnd.aquasec.trivy.config.v1+json', [titled]);
}

function databaseBuckets(advisories: readonly Advisory[]): Bucket {
  const tree = new Tree();
  // trivy insists on both, also when there is nothing in them.
  tree.bucket('vulnerability');
  tree.bucket('data-source');
  for (const advisory of advisories) {
    tree.put(['vulnerability', advisory.id], detail(advisory));
    for (const affected of advisory.affected) {
      const source = sourceOf(affected);
      tree.put(['data-source', source.bucket], { ID: source.id, Name: source.name, URL: source.url });
      tree.put([source.bucket, affected.package, advisory.id], versions(affected));
    }
  }
  return tree.toBucket();
}

function sourceOf(affected: Affected): Source {
  if (!isLanguagePackage(affected)) {
    return { bucket: `${affected.os} ${affected.release}`, ...OS_SOURCES[affected.os] };
  }
  const [prefix, github] = LANGUAGE_NAMES[affected.ecosystem];
  const name = `GitHub Security Advisory ${github}`;
  const url = `https://github.com/advisories?query=type%3Areviewed+ecosystem%3A${github.toLowerCase()}`;
  return { bucket: `${prefix}::${name}`, id: 'ghsa', name, url };
}

function versions(affected: Affected): unknown {
  if (!isLanguagePackage(affected)) return { FixedVersion: affected.fixed ?? '' };
  const bounds = [affected.introduced && `>=${affected.introduced}`, affected.fixed && `<${affected.fixed}`];
  return {
    PatchedVersions: affected.fixed === undefined ? [] : [affected.fixed],
    VulnerableVersions: [bounds.filter(Boolean).join(', ') || '>=0'],
  };
}

function detail(advisory: Advisory): unknown {
  const rank = SEVERITY_RANK[advisory.severity];
  const { score, vector } = SEVERITY_CVSS[advisory.severity];
  const cvss = { V3Vector: vector, V3Score: advisory.score ?? score };
  return {
    Title: advisory.title,
    Description: advisory.description ?? advisory.title,
    Severity: advisory.severity,
    VendorSeverity: { nvd: rank, ghsa: rank, debian: rank, ubuntu: rank },
    CVSS: { nvd: cvss, ghsa: cvss },
    References: [`https://nvd.nist.gov/vuln/detail/${advisory.id}`],
    PublishedDate: '2026-01-02T00:00:00Z',
    LastModifiedDate: '2026-02-03T00:00:00Z',
  };
}

/** Buckets while they are filled. */
class Tree {
  readonly #buckets = new Map<string, Tree>();
  readonly #values = new Map<string, unknown>();

  bucket(name: string): Tree {
    const found = this.#buckets.get(name) ?? new Tree();
    this.#buckets.set(name, found);
    return found;
  }

  put([first = '', ...rest]: readonly string[], value: unknown): void {
    if (rest.length === 0) this.#values.set(first, value);
    else this.bucket(first).put(rest, value);
  }

  toBucket(): Bucket {
    const buckets = [...this.#buckets].map(([name, tree]) => [name, { bucket: tree.toBucket() }] as const);
    const values = [...this.#values].map(([name, value]) => [name, { value }] as const);
    return Object.fromEntries([...buckets, ...values]);
  }
}
