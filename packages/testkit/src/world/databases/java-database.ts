import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { blobOf } from '../image/blob.ts';
import { artifact, type ImageContent } from '../image/image.ts';
import { tarFile, tarOf } from '../image/tar.ts';

/** A Java archive that the database knows by its SHA-1. */
export interface KnownArchive {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly sha1: Buffer;
}

/** As trivy-java-db writes it (pkg/db/db.go, schema version 1). */
const SCHEMA = `
CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);
CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT,
  FOREIGN KEY (artifact_id) REFERENCES artifacts(id));
CREATE UNIQUE INDEX artifacts_idx ON artifacts(artifact_id, group_id);
CREATE INDEX indices_artifact_idx ON indices(artifact_id);
CREATE UNIQUE INDEX indices_sha1_idx ON indices(sha1);
`;
const DAY = 86_400_000;

/** trivy's Java database as an OCI artifact, as it is published. */
export async function javaDatabase(archives: readonly KnownArchive[], updatedAt: Date): Promise<ImageContent> {
  const metadata = {
    Version: 1,
    NextUpdate: new Date(updatedAt.getTime() + 3 * DAY).toISOString(),
    UpdatedAt: updatedAt.toISOString(),
    DownloadedAt: '0001-01-01T00:00:00Z',
  };
  const archive = await tarOf([
    tarFile('trivy-java.db', sqliteFile(archives), 0o600),
    tarFile('metadata.json', JSON.stringify(metadata), 0o600),
  ]);
  const layer = blobOf('application/vnd.aquasec.trivy.javadb.layer.v1.tar+gzip', gzipSync(archive));
  const titled = { ...layer, annotations: { 'org.opencontainers.image.title': 'javadb.tar.gz' } };
  return artifact('application/vnd.aquasec.trivy.config.v1+json', [titled]);
}

function sqliteFile(archives: readonly KnownArchive[]): Buffer {
  const dir = mkdtempSync(path.join(tmpdir(), 'java-db-'));
  try {
    const file = path.join(dir, 'trivy-java.db');
    const database = new DatabaseSync(file);
    database.exec(SCHEMA);
    for (const [id, { group, artifact: name, version, sha1 }] of archives.entries()) {
      database.prepare('INSERT INTO artifacts VALUES (?, ?, ?)').run(id + 1, group, name);
      database.prepare('INSERT INTO indices VALUES (?, ?, ?, ?)').run(id + 1, version, sha1, 'jar');
    }
    database.close();
    return readFileSync(file);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
