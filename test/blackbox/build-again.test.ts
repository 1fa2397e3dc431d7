import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Digest } from '@plimsoll/core/oci/digest';
import { pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld } from '@plimsoll/testkit/evidence/evidence-world';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { forbiddenBuilder, replayingBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { writeLayoutOf } from '@plimsoll/testkit/layout/layout-of';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { DEFAULT_IDENTITY, pushEvent } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Variables = Readonly<Record<string, string>>;

const REPOSITORY = 'acme/app';
const { sha: COMMIT, runId } = DEFAULT_IDENTITY;
const RELEASE: Variables = { GITHUB_REF: 'refs/tags/v1.2.3' };

let bed: EvidenceWorld;
let registry: FaultBoard;
let never: ReturnType<typeof forbiddenBuilder>;
let builder: string;
let workspace: string;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
  const { lifetime, ghcr } = bed.world;
  registry = new FaultBoard(ghcr.front);
  never = forbiddenBuilder(lifetime.folder('never'));
  const image = { architecture: 'amd64', layers: [{ 'app/hello': 'hello' }] };
  builder = replayingBuilder(lifetime.folder('builder'), await writeImageLayout(lifetime.folder('made'), [image]));
  workspace = lifetime.folder('workspace');
  writeFileSync(path.join(workspace, 'Dockerfile'), 'FROM scratch\n');
});
afterAll(() => bed.world.close());

interface Asked {
  readonly inputs?: Variables;
  readonly env?: Variables;
  readonly buildx?: string;
}

function build({ inputs = {}, env = {}, buildx = never.file }: Asked = {}): Promise<ActionRun> {
  const { issuer, trustedRoot } = bed.world.sigstore;
  const trust = { 'trusted-root': trustedRoot, 'certificate-oidc-issuer': issuer };
  const all = { image: bed.image, push: 'true', ...trust, ...inputs };
  const variables = { PLIMSOLL_TOOL_BUILDX: buildx, ...env };
  return runAction({
    action: 'build',
    world: bed.world,
    cwd: workspace,
    event: pushEvent(),
    inputs: all,
    env: variables,
  });
}

const pointsTo = async (tag: string) => (await bed.connect().resolve(tag))?.digest;

describe('a commit that has an image', () => {
  it('gives that image to a version tag and to a run that is repeated, and builds nothing', async () => {
    const image = await pushAttestedImage(bed.repository, 'finished');
    expect(codeOf(await bed.sign(image))).toBeUndefined();
    await bed.repository.putManifest(await bed.repository.manifest(image.digest), `sha-${COMMIT}`);
    const before = registry.tagWrites(REPOSITORY);
    for (const env of [{}, RELEASE, { GITHUB_RUN_ATTEMPT: '2' }]) {
      const step = await build({ env });
      expect(codeOf(step), step.log).toBeUndefined();
      expect(step.outputs).toMatchObject({ digest: image.digest, resumed: 'true', pushed: 'true' });
      expect(Object.keys(JSON.parse(step.outputs['platform-digests'] ?? '') as object)).toHaveLength(2);
    }
    expect(existsSync(never.marker)).toBe(false);
    expect(registry.tagWrites(REPOSITORY)).toEqual(before);
  });

  it('gets the tags of a version from the job that signs', async () => {
    const { sigstore } = bed.world;
    const image = await pushAttestedImage(bed.repository, 'finished');
    const release = { ...RELEASE, GITHUB_RUN_ID: '300' };
    const built = await build({ env: release });
    expect(built.outputs, built.log).toMatchObject({ digest: image.digest, resumed: 'true' });
    expect(await pointsTo('v1.2.3')).toBeUndefined();
    const inputs = { 'move-tags': 'true', 'certificate-oidc-issuer': sigstore.issuer };
    const workflow = DEFAULT_IDENTITY.workflowRef.replace('refs/heads/main', 'refs/tags/v1.2.3');
    const ours = { ref: 'refs/tags/v1.2.3', workflow_ref: workflow, job_workflow_ref: workflow };
    const env = { ...release, ...sigstore.claims(ours) };
    const signed = await bed.sign(image, { inputs, env });
    expect(codeOf(signed), signed.log).toBeUndefined();
    const tags = [`sha-${COMMIT}`, 'v1.2.3', '1.2.3', '1.2', '1', 'latest', 'prod'];
    expect(signed.outputs['tags']?.split('\n')).toEqual(tags);
    for (const tag of tags) expect(await pointsTo(tag), tag).toBe(image.digest);
  });

  it('gets them at once with tag-now', async () => {
    const before = registry.writes(REPOSITORY).length;
    const step = await build({ inputs: { 'tag-now': 'true' }, env: { GITHUB_REF: 'refs/heads/hurried' } });
    expect(step.outputs, step.log).toMatchObject({ resumed: 'true' });
    expect(await pointsTo('hurried')).toBe(step.outputs['digest']);
    expect(registry.writes(REPOSITORY)).toHaveLength(before + 1);
  });

  it('gets none from a shard, whose job that merges finds the image too', async () => {
    const before = registry.writes(REPOSITORY).length;
    const step = await build({ inputs: { mode: 'shard', scan: 'false' } });
    expect(step.outputs, step.log).toMatchObject({ resumed: 'true' });
    expect(registry.writes(REPOSITORY)).toHaveLength(before);
  });

  it('is built once more when that is asked for, and its tag stays', async () => {
    const first = await pointsTo(`sha-${COMMIT}`);
    const step = await build({ inputs: { 'force-rebuild': 'true' }, env: RELEASE, buildx: builder });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs['resumed']).toBe('false');
    expect(step.outputs['digest']).not.toBe(first);
    expect(step.outputs['tags']?.split('\n')).toEqual([`sha-${COMMIT}-${runId}-1`, '1.2', '1', 'latest', 'prod']);
    expect(await pointsTo(`sha-${COMMIT}`)).toBe(first);
  });

  it('is built once more by a schedule', async () => {
    const env = { GITHUB_EVENT_NAME: 'schedule', GITHUB_RUN_ID: '101' };
    const step = await build({ env, buildx: builder });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs['tags']?.split('\n')[0]).toBe(`sha-${COMMIT}-101-1`);
  });

  it('is refused when somebody who may push wrote the tag', async () => {
    const sha = 'a'.repeat(40);
    const planted = await pushAttestedImage(bed.repository, 'planted');
    await bed.repository.putManifest(await bed.repository.manifest(planted.digest), `sha-${sha}`);
    const step = await build({ env: { GITHUB_SHA: sha } });
    expect(codeOf(step)).toBe('verify-unsigned');
    expect(step.outputs['digest'] ?? '').toBe('');
    expect(existsSync(never.marker)).toBe(false);
  });
});

describe('tags that are pending', () => {
  const run = { GITHUB_RUN_ID: '200', GITHUB_SHA: 'b'.repeat(40) };
  const intended = `sha-${run.GITHUB_SHA}`;

  it('are moved by the job that signs, once the image is verified, and not before', async () => {
    const image = await pushAttestedImage(bed.repository, 'intended');
    // What the build of this run left behind, without the builder.
    const built = await build({ env: run, buildx: await replayOf(image.digest) });
    expect(codeOf(built), built.log).toBeUndefined();
    expect(built.outputs['digest']).toBe(image.digest);
    expect(await pointsTo(intended)).toBeUndefined();
    const inputs = { 'move-tags': 'true', 'certificate-oidc-issuer': bed.world.sigstore.issuer };
    const env = { ...run, ...bed.world.sigstore.claims({ sha: run.GITHUB_SHA }) };
    const signed = await bed.sign(image, { inputs, env });
    expect(codeOf(signed), signed.log).toBeUndefined();
    expect(signed.outputs['tags']?.split('\n')).toEqual([intended, 'main', 'dev']);
    for (const tag of [intended, 'main', 'dev']) expect(await pointsTo(tag)).toBe(image.digest);
  });

  it('of another commit than the run’s stop it before anything is signed', async () => {
    const other = { GITHUB_RUN_ID: '202', GITHUB_SHA: 'd'.repeat(40) };
    const image = await pushAttestedImage(bed.repository, 'other commit');
    const built = await build({ inputs: { sha: 'e'.repeat(40) }, env: other, buildx: await replayOf(image.digest) });
    expect(codeOf(built), built.log).toBeUndefined();
    const before = registry.writes(REPOSITORY).length;
    const inputs = { 'move-tags': 'true', 'certificate-oidc-issuer': bed.world.sigstore.issuer };
    const env = { ...other, ...bed.world.sigstore.claims({ sha: other.GITHUB_SHA }) };
    expect(codeOf(await bed.sign(image, { inputs, env }))).toBe('input-conflict');
    expect(registry.writes(REPOSITORY)).toHaveLength(before);
  });

  it('are not those of another run', async () => {
    const image = await pushAttestedImage(bed.repository, 'intended');
    const inputs = { 'move-tags': 'true', 'certificate-oidc-issuer': bed.world.sigstore.issuer };
    expect(codeOf(await bed.sign(image, { inputs, env: { GITHUB_RUN_ID: '201' } }))).toBe('intent-missing');
  });
});

it('tag-now writes the tags with the upload, and never that of the commit', async () => {
  const env = { GITHUB_SHA: 'c'.repeat(40), GITHUB_REF: 'refs/heads/hasty' };
  const step = await build({ inputs: { 'tag-now': 'true' }, env, buildx: builder });
  expect(codeOf(step), step.log).toBeUndefined();
  expect(await pointsTo('hasty')).toBe(step.outputs['digest']);
  expect(await pointsTo(`sha-${env.GITHUB_SHA}`)).toBeUndefined();
});

/** A builder that gives this very image, copied out of the registry. */
async function replayOf(digest: Digest): Promise<string> {
  const directory = bed.world.lifetime.folder('replayed');
  await writeLayoutOf(bed.repository, digest, directory);
  return replayingBuilder(bed.world.lifetime.folder('replayer'), { directory, digest });
}
