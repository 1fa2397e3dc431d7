import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { digestOf } from '@plimsoll/core/oci/digest';
import type { Verdict } from '@plimsoll/core/stages/scan/verdict';
import type { AttestedImage } from './attested-image.ts';

/** A verdict as the scan of this image would write it: a pass unless `changed` says otherwise. */
export function verdictOf(image: AttestedImage, changed: Partial<Verdict> = {}): Verdict {
  return {
    version: 1,
    subject: { digest: image.digest, platforms: [...image.platforms] },
    outcome: 'pass',
    reasons: [],
    policyDigest: digestOf(Buffer.from('policy')),
    counts: { critical: 0, high: 0, medium: 1, low: 2, unknown: 0, secrets: 0, misconfigurations: 0 },
    blocking: 0,
    suppressed: 0,
    databases: [],
    tools: [{ name: 'trivy', version: '0.72.0' }],
    startedAt: '2026-11-20T10:00:00.000Z',
    finishedAt: '2026-11-20T10:00:05.000Z',
    ...changed,
  };
}

/** Writes a verdict and the vulnerability predicate of each platform beside it. @returns the verdict's path */
export function writeVerdictFiles(directory: string, image: AttestedImage, changed: Partial<Verdict> = {}): string {
  mkdirSync(directory, { recursive: true });
  const platforms = image.platforms.map(({ platform, digest }) => {
    const file = `vuln-${platform.replaceAll('/', '-')}.json`;
    const bytes = Buffer.from(JSON.stringify(vulnPredicate(platform)));
    writeFileSync(path.join(directory, file), bytes);
    return { platform, digest, vulnPredicate: { file, digest: digestOf(bytes) } };
  });
  const file = path.join(directory, 'verdict.json');
  writeFileSync(
    file,
    JSON.stringify({ ...verdictOf(image), subject: { digest: image.digest, platforms }, ...changed }),
  );
  return file;
}

function vulnPredicate(platform: string) {
  return {
    invocation: { parameters: null, uri: '', event_id: '', 'builder.id': '' },
    scanner: {
      uri: 'pkg:github/aquasecurity/trivy@v0.72.0',
      version: '0.72.0',
      db: { uri: '', version: '' },
      result: { SchemaVersion: 2, ArtifactName: platform, Results: [] },
    },
    metadata: { scanStartedOn: '2026-11-20T10:00:00.000Z', scanFinishedOn: '2026-11-20T10:00:05.000Z' },
  };
}
