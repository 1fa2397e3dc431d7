import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Digest } from '@plimsoll/core/oci/digest';
import { descriptorOf } from '@plimsoll/core/oci/manifest';
import { attachReferrers } from '@plimsoll/core/oci/referrers';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld, predicatesBeside, reportOf } from '@plimsoll/testkit/evidence/evidence-world';
import { type verdictOf, writeVerdictFiles } from '@plimsoll/testkit/evidence/verdict-files';
import type { ActionRun } from '@plimsoll/testkit/runner/run-action';
import { DEFAULT_SUBJECT } from '@plimsoll/testkit/world/identity';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const { verdict: verdictType } = PREDICATE_TYPES;

let bed: EvidenceWorld;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
});
afterAll(() => bed.world.close());
afterEach(() => {
  bed.world.ghcr.front.intercept = undefined;
});

/** One signed image for everything that only looks at it. */
describe('a signed image', () => {
  let built: AttestedImage;
  let signed: ActionRun;

  beforeAll(async () => {
    built = await pushAttestedImage(bed.repository, 'signed');
    signed = await bed.sign(built);
  });

  it('has a signature on the index and on every platform', () => {
    expect(codeOf(signed)).toBeUndefined();
    const { outputs } = signed;
    expect(outputs['signed-digests']?.split('\n')).toEqual([
      built.digest,
      ...built.platforms.map(({ digest }) => digest),
    ]);
    expect(outputs['identity']).toBe(DEFAULT_SUBJECT);
    expect(outputs['verify-command']).toBe(`cosign verify ${bed.trustFlags()} ${bed.at(built.digest)}`);
    expect(readdirSync(outputs['bundles'] ?? '')).toHaveLength(12);
    expect(signed.summary.replaceAll(' \\\n  --', ' --')).toContain(outputs['verify-command']);
  });

  it('is verified, with every bundle in the report', async () => {
    const run = await bed.verify(bed.at(built.digest));
    expect(codeOf(run)).toBeUndefined();
    expect(run.outputs).toMatchObject({ verified: 'true', digest: built.digest });
    const report = reportOf(run);
    expect(report).toMatchObject({ outcome: 'verified', verified: true, digest: built.digest });
    expect(report.requirements.every(({ met }) => met)).toBe(true);
    expect(report.bundles.filter(({ accepted }) => accepted)).toHaveLength(22);
    expect(run.summary).toContain('✅ Verified');
    expect(run.summary).toContain('https://github.com/acme/app');
  });

  it('is verified by tag and by the digest of a platform', async () => {
    await bed.repository.putManifest(await bed.repository.manifest(built.digest), 'v1.0.0');
    const byTag = await bed.verify(`${bed.image}:v1.0.0`);
    expect(codeOf(byTag)).toBeUndefined();
    expect(byTag.outputs['digest']).toBe(built.digest);
    expect(codeOf(await bed.verify(bed.at(built.platforms[0]?.digest ?? built.digest)))).toBeUndefined();
  });

  it('is accepted by cosign, signature and attestations, by index and by platform', async () => {
    for (const digest of [built.digest, ...built.platforms.map((each) => each.digest)]) {
      expect(await bed.consumer(`cosign verify ${bed.trustFlags()} ${bed.at(digest)}`)).toContain(digest);
      for (const type of ['spdx', 'cyclonedx', 'slsaprovenance1', 'vuln', verdictType]) {
        await bed.consumer(`cosign verify-attestation --type ${type} ${bed.trustFlags()} ${bed.at(digest)}`);
      }
    }
  });

  it('has one fallback tag for each digest, written once', () => {
    const { requests } = bed.world.ghcr.front;
    const subjects = [built.digest, ...built.platforms.map(({ digest }) => digest)];
    for (const subject of subjects) {
      const tag = `/manifests/${subject.replace(':', '-')}`;
      const writes = requests.filter(({ method, path: asked }) => method === 'PUT' && asked.endsWith(tag));
      expect(writes).toHaveLength(1);
    }
  });

  it('is not signed again: what is there is kept and reported', async () => {
    const before = await bed.connect().referrers(built.digest);
    const again = await bed.sign(built);
    expect(codeOf(again)).toBeUndefined();
    expect(again.outputs['bundles']).toBe('');
    expect(again.outputs['signed-digests']).toBe(signed.outputs['signed-digests']);
    expect(again.shown).toContain('0 signed, 12 there already');
    expect(await bed.connect().referrers(built.digest)).toEqual(before);
  });

  it('needs no verdict file where a signed verdict is on it already', async () => {
    expect(codeOf(await bed.sign(built, { inputs: { verdict: '' } }))).toBeUndefined();
  });
});

describe('a registry with a referrers API', () => {
  it('needs no fallback tag', async () => {
    const { host, username, password } = bed.world.quay;
    const target = bed.connectQuay();
    const built = await pushAttestedImage(target, 'quay');
    const auth = JSON.stringify([{ registry: host, username, password }]);
    const inputs = { image: `${host}/acme/app`, 'registry-auth': auth };
    expect(codeOf(await bed.sign(built, { inputs }))).toBeUndefined();
    const reference = `${host}/acme/app@${built.digest}`;
    expect(codeOf(await bed.verify(reference, { 'registry-auth': auth }))).toBeUndefined();
    expect(await target.tags()).toEqual([]);
    await bed.consumer(`cosign verify ${bed.trustFlags()} ${reference}`);
    await bed.consumer(`cosign verify-attestation --type vuln ${bed.trustFlags()} ${reference}`);
  });
});

describe('the verdict of another job', () => {
  it('is taken from its referrer, with the vulnerability results', async () => {
    const built = await pushAttestedImage(bed.repository, 'other job');
    const file = writeVerdictFiles(path.join(bed.world.directory, 'other-job'), built);
    const verdict = await attachVerdictFile(bed.repository, built.digest, file);
    const run = await bed.sign(built, { inputs: { verdict } });
    expect(codeOf(run)).toBeUndefined();
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBeUndefined();
    await bed.consumer(`cosign verify-attestation --type vuln ${bed.trustFlags()} ${bed.at(built.digest)}`);
  });

  it('is refused when it hangs on another image', async () => {
    const [one, two] = [await pushAttestedImage(bed.repository, 'one'), await pushAttestedImage(bed.repository, 'two')];
    const file = writeVerdictFiles(path.join(bed.world.directory, 'swapped'), two);
    const verdict = await attachVerdictFile(bed.repository, one.digest, file);
    expect(codeOf(await bed.sign(two, { inputs: { verdict } }))).toBe('verdict-mismatch');
    expect(codeOf(await bed.sign(one, { inputs: { verdict } }))).toBe('verdict-mismatch');
  });
});

/** As the scan of another job leaves it. @returns the digest of the referrer */
async function attachVerdictFile(target: Repository, on: Digest, file: string): Promise<string> {
  const predicates = predicatesBeside(file).map((bytes) => ({ mediaType: 'application/json', bytes }));
  const blobs = [{ mediaType: 'application/json', bytes: readFileSync(file) }, ...predicates];
  const subject = descriptorOf(await target.manifest(on));
  const [attached] = await attachReferrers(target, subject, [{ artifactType: 'a/verdict', annotations: {}, blobs }]);
  return attached?.digest ?? '';
}

describe('a shared workflow', () => {
  it('signs as itself, and the command names the repository that called it', async () => {
    const built = await pushAttestedImage(bed.repository, 'shared');
    const shared = 'acme/org-infra/.github/workflows/publish.yml@refs/heads/main';
    const run = await bed.sign(built, { env: bed.world.sigstore.claims({ job_workflow_ref: shared }) });
    expect(codeOf(run)).toBeUndefined();
    expect(run.outputs['identity']).toBe(`https://github.com/${shared}`);
    expect(codeOf(await bed.verify(bed.at(built.digest)))).toBe('verify-untrusted');
    const named = { 'certificate-identity': run.outputs['identity'] ?? '' };
    expect(codeOf(await bed.verify(bed.at(built.digest), named))).toBeUndefined();
    expect(run.outputs['verify-command']).toContain(' --certificate-github-workflow-repository acme/app ');
    await bed.consumer(run.outputs['verify-command'] ?? '');
  });
});

describe('nothing is signed', () => {
  let built: AttestedImage;

  beforeAll(async () => {
    built = await pushAttestedImage(bed.repository, 'refused');
  });

  const untouched = async (run: ActionRun) => {
    expect(existsSync(path.join(run.temp, 'plimsoll-sign', built.digest.slice(7, 19)))).toBe(false);
    expect(await bed.connect().referrers(built.digest)).toEqual([]);
  };

  it('without the right to an identity token, and the hint names the line', async () => {
    const run = await bed.sign(built, {
      env: { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' },
    });
    expect(codeOf(run)).toBe('oidc-unavailable');
    expect(run.shown).toContain('id-token: write');
    await untouched(run);
  });

  it('without a verdict', async () => {
    const run = await bed.sign(built, { inputs: { verdict: '' } });
    expect(codeOf(run)).toBe('verdict-missing');
    await untouched(run);
  });

  it.each<[string, Parameters<typeof verdictOf>[1], string]>([
    ['about another image', { subject: { digest: `sha256:${'a'.repeat(64)}`, platforms: [] } }, 'verdict-mismatch'],
    ['that leaves a platform out', undefined, 'verdict-mismatch'],
    ['that is fail', { outcome: 'fail', reasons: ['1 finding blocks'] }, 'verdict-not-pass'],
    ['that is incomplete', { outcome: 'incomplete', reasons: ['no database'] }, 'verdict-not-pass'],
  ])('on a verdict %s', async (name, changed, code) => {
    const partial = { subject: { digest: built.digest, platforms: built.platforms.slice(0, 1) } };
    const directory = path.join(bed.world.directory, 'refused', name.replaceAll(' ', '-'));
    const verdict = writeVerdictFiles(directory, built, changed ?? partial);
    const run = await bed.sign(built, { inputs: { verdict } });
    expect(codeOf(run)).toBe(code);
    await untouched(run);
  });

  it('when the registry takes no push', async () => {
    bed.world.ghcr.front.intercept = ({ method }) =>
      method === 'POST' ? { status: 403, body: { errors: [{ code: 'DENIED' }] } } : undefined;
    const run = await bed.sign(built);
    expect(codeOf(run)).toBe('registry-denied');
    await untouched(run);
  });

  it('when the digest does not exist', async () => {
    const run = await bed.sign(built, { inputs: { digest: `sha256:${'0'.repeat(64)}` } });
    expect(codeOf(run)).toBe('registry-not-found');
  });

  it('on a dry run, which shows the plan', async () => {
    const run = await bed.sign(built, { inputs: { 'dry-run': 'true' } });
    expect(codeOf(run)).toBeUndefined();
    expect(run.shown).toContain('plan: 12 to sign');
    expect(run.summary).toContain('would be signed');
    await untouched(run);
  });
});
