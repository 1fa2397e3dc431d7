import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { artifactManifest } from '@plimsoll/core/oci/artifact-manifest';
import { type Digest, digestOf } from '@plimsoll/core/oci/digest';
import { NOTHING, putBytes } from '@plimsoll/core/oci/referrers';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import type { Verdict } from '@plimsoll/core/stages/scan/verdict';
import { codeOf, EvidenceWorld, reportOf } from '@plimsoll/testkit/evidence/evidence-world';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const TITLE = 'org.opencontainers.image.title';
const KEY = `-----BEGIN OPENSSH PRIVATE KEY-----\n${'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n'.repeat(4)}-----END OPENSSH PRIVATE KEY-----\n`;
const ZIP = Buffer.from('504b0304140000000000', 'hex');

let bed: EvidenceWorld;
let files = 0;

beforeAll(async () => {
  bed = await EvidenceWorld.start(['trivy', 'osv-scanner']);
});
afterAll(() => bed.world.close());

type Content = Readonly<Record<string, string | Buffer>>;

/** An artifact as another client pushes it. */
async function push(repository: Repository, content: Content): Promise<Digest> {
  const layers = Object.entries(content).map(([title, text]) => {
    const bytes = Buffer.from(text);
    return { mediaType: 'text/plain', digest: digestOf(bytes), size: bytes.length, annotations: { [TITLE]: title } };
  });
  await Promise.all([NOTHING, ...Object.values(content)].map((bytes) => putBytes(repository, Buffer.from(bytes))));
  const manifest = artifactManifest({ artifactType: 'application/vnd.acme.chart.v1', layers });
  await repository.putManifest(manifest);
  return manifest.digest;
}

const scan = (digest: string, inputs: Readonly<Record<string, string>> = {}) =>
  runAction({ action: 'scan', world: bed.world, inputs: { image: bed.image, digest, source: '', ...inputs } });

/** The verdict of a scan, changed, in a place of its own. */
function rewritten(step: ActionRun, change: (verdict: Verdict) => Partial<Verdict>): string {
  const verdict = JSON.parse(readFileSync(step.outputs['verdict'] ?? '', 'utf8')) as Verdict;
  const file = path.join(bed.world.lifetime.folder(`verdict-${(files += 1)}`), 'verdict.json');
  writeFileSync(file, JSON.stringify({ ...verdict, ...change(verdict) }));
  return file;
}

function sign(digest: string, inputs: Readonly<Record<string, string>>): Promise<ActionRun> {
  const { signingConfig, trustedRoot } = bed.world.sigstore;
  const all = { image: bed.image, digest, 'signing-config': signingConfig, 'trusted-root': trustedRoot, ...inputs };
  return runAction({ action: 'sign', world: bed.world, inputs: all });
}

describe('one artifact through the actions, each a step of its own', () => {
  it('is built, scanned, signed and verified, and its SBOM is that of its files', async () => {
    const cwd = bed.world.lifetime.folder('workspace');
    mkdirSync(path.join(cwd, 'rules'));
    writeFileSync(path.join(cwd, 'rules', 'a.yaml'), 'a: 1\n');
    const artifact = { files: 'rules/a.yaml:application/yaml', 'artifact-type': 'application/vnd.acme.rules.v1' };
    const built = await runAction({
      action: 'build',
      world: bed.world,
      cwd,
      inputs: { image: bed.image, tags: 'main', push: 'true', ...artifact },
    });
    expect(codeOf(built), built.log).toBeUndefined();
    expect(built.summary).toMatch(/`rules\/a\.yaml`.*`application\/yaml`.*5 B/);
    const { digest = '', statements = '', layout = '' } = built.outputs;
    const scanned = await scan('', { digest: '', layout });
    expect(scanned.outputs, scanned.log).toMatchObject({ outcome: 'pass', 'trivy-image-scan-passed': 'true' });
    const signed = await sign(digest, { verdict: scanned.outputs['verdict'] ?? '', statements });
    expect(codeOf(signed), signed.log).toBeUndefined();
    const sbom = path.join(cwd, 'out.spdx.json');
    const verified = await bed.verify(bed.at(digest as Digest), { sbom });
    expect(codeOf(verified), verified.log).toBeUndefined();
    expect(JSON.parse(readFileSync(sbom, 'utf8'))).toMatchObject({
      packages: [{ versionInfo: digest }, { name: 'rules/a.yaml', primaryPackagePurpose: 'FILE' }],
    });
    await bed.consumer(
      `cosign verify-attestation --type slsaprovenance1 ${bed.trustFlags()} ${bed.at(digest as Digest)}`,
    );
  });
});

describe('an artifact that another client pushed', () => {
  it('is looked into, and what could not be opened is named', async () => {
    const digest = await push(bed.repository, { 'chart.yaml': 'a: 1\n', 'data.zip': ZIP });
    const step = await scan(digest);
    expect(step.outputs, step.log).toMatchObject({ outcome: 'pass' });
    expect(step.summary).toMatch(/`data\.zip`.*not opened/);
  });

  it('with a secret fails, also where no title names a file, and with trivy off for the source', async () => {
    const digest = await push(bed.repository, { '../../tests/id.pem': KEY });
    const step = await scan(digest, { 'enable-trivy-source': 'false' });
    expect(codeOf(step), step.log).toBe('scan-failed');
    expect(step.outputs).toMatchObject({ outcome: 'fail', 'trivy-image-scan-passed': 'false' });
  });
});

describe('without a scan of every file', () => {
  it('nothing is signed, and what somebody else signed is refused', async () => {
    const digest = await push(bed.repository, { a: 'one', b: 'two' });
    const step = await scan(digest);
    const none = rewritten(step, ({ subject }) => ({ subject: { digest: subject.digest, platforms: [] } }));
    const half = rewritten(step, ({ subject }) => ({ subject: { ...subject, files: subject.files?.slice(1) ?? [] } }));
    const other = rewritten(step, () => ({ tools: [{ name: 'osv-scanner', version: '2.6.0' }] }));
    expect(codeOf(await sign(digest, { verdict: none }))).toBe('verdict-secrets');
    expect(codeOf(await sign(digest, { verdict: half }))).toBe('verdict-mismatch');
    expect(codeOf(await sign(digest, { verdict: other }))).toBe('verdict-secrets');
    expect(await bed.connect().referrers(digest)).toEqual([]);

    await bed.attest(digest, { subjects: [digest], predicateType: PREDICATE_TYPES.signature });
    const predicate = JSON.parse(readFileSync(half, 'utf8')) as unknown;
    await bed.attest(digest, { subjects: [digest], predicateType: PREDICATE_TYPES.verdict, predicate });
    const refused = await bed.verify(bed.at(digest));
    expect(codeOf(refused), refused.log).toBe('verify-policy');
    expect(reportOf(refused).failure?.reasons).toEqual(['scan-unclear']);
  });
});
