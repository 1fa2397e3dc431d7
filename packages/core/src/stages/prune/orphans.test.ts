import { fallbackTag } from '@plimsoll/testkit/github/image-shapes';
import { doomed, NO_DEV, type PruneScene, sceneWith } from '@plimsoll/testkit/github/prune-scene';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainCredentials } from '../../oci/auth/credentials.ts';
import type { Digest } from '../../oci/digest.ts';
import { Registries } from '../../oci/registry/registries.ts';
import { absentSubjects } from './absent-subjects.ts';

const IMAGE = 'application/vnd.oci.image.manifest.v1+json';

let registry: MemoryRegistry;
/** Answers that replace the registry's own, one after the other. */
let statuses: (number | undefined)[];

beforeEach(async () => {
  statuses = [];
  registry = await startMemoryRegistry({
    onRequest: ({ kind }) => {
      const status = kind === 'manifest' ? statuses.shift() : undefined;
      return status === undefined ? undefined : { status };
    },
  });
});

afterEach(() => registry.stop());

/** A package of signatures alone, of images that are, or were, in another one. */
function signatures(): { at: PruneScene; present: string; gone: string; subject: string } {
  const at = sceneWith();
  const image = { mediaType: IMAGE, bytes: Buffer.from(`{"schemaVersion":2,"mediaType":"${IMAGE}"}`) };
  const elsewhere = sceneWith();
  const subject = elsewhere.state.push(image.bytes, IMAGE);
  registry.repository('acme/app').manifests.set(subject, image);
  registry.repository('acme/app').tags.set('v1', subject);
  const present = at.shapes.image('present', { tags: [fallbackTag(subject, '.sig')] });
  const bundle = at.shapes.image('bundle');
  const gone = at.shapes.index([bundle], { tags: [fallbackTag(`sha256:${'e'.repeat(64)}`)] });
  at.wait(10);
  return { at, present, gone, subject };
}

function ask(at: PruneScene, ...names: string[]): void {
  const registries = new Registries({ credentials: chainCredentials(), clock: at.clock });
  at.absent = (subjects) =>
    absentSubjects(
      names.map((name) => `${registry.host}/${name}`),
      subjects,
      { registries, clock: at.clock },
    );
}

describe('H23 evidence of images of another package', () => {
  it('goes with what it consists of when the image is gone from there, and only then', async () => {
    const { at, present, gone } = signatures();
    at.shapes.record();
    expect(await doomed(at)).toEqual([]);
    ask(at, 'acme/app');
    const { planned, deleted, failure } = await at.prune();
    expect([failure, deleted.map(({ digest }) => digest)[0], deleted.length, at.alive(present)]).toEqual([
      undefined,
      gone,
      2,
      true,
    ]);
    expect(planned.plan.delete[0]?.rule).toBe('evidence/subject-gone');
  });

  it('stays when it is young, or nothing untagged ever goes', async () => {
    const { at } = signatures();
    ask(at, 'acme/app');
    at.wait(-9);
    expect(await doomed(at)).toEqual([]);
    at.wait(9);
    at.retention = { ...NO_DEV, untagged: { 'delete-after': 'never' } };
    expect(await doomed(at)).toEqual([]);
    expect(registry.requests).toEqual([]);
  });

  it('stays when the image is in any of the packages, or is seen at the second look', async () => {
    const { at, gone } = signatures();
    ask(at, 'acme/other', 'acme/app');
    registry.repository('acme/other').tags.set('v1', `sha256:${'d'.repeat(64)}`);
    registry
      .repository('acme/other')
      .manifests.set(`sha256:${'e'.repeat(64)}`, { mediaType: IMAGE, bytes: Buffer.from('{}') });
    expect(await doomed(at)).toEqual([]);
    registry.repository('acme/other').manifests.clear();
    expect(await doomed(at)).toContain(gone);
    const { at: again, present } = signatures();
    ask(again, 'acme/app');
    statuses = [404, 404];
    expect(await doomed(again)).not.toContain(present);
  });

  it.each([
    [401, 'registry-unauthorized'],
    [403, 'registry-denied'],
    [418, 'registry-rejected'],
  ])('stops the run when the answer is %i', async (status, code) => {
    const { at } = signatures();
    ask(at, 'acme/app');
    statuses = [status, status];
    await expect(at.plan()).rejects.toMatchObject({ code });
    expect(at.planes.count('delete')).toBe(0);
  });

  it('stops the run when a package has no tags, as one with a typing error in its name', async () => {
    const { at } = signatures();
    ask(at, 'acme/app', 'acme/apq');
    await expect(at.plan()).rejects.toMatchObject({ code: 'registry-not-found' });
  });
});

it('asks for nothing where a tag does not hold the whole digest', async () => {
  const at = sceneWith();
  at.shapes.image('sha512', { tags: [`sha512-${'e'.repeat(64)}.sig`] });
  at.shapes.record();
  at.wait(10);
  const asked: Digest[] = [];
  at.absent = async (subjects) => {
    asked.push(...subjects);
    return new Set(subjects);
  };
  expect([await doomed(at), asked]).toEqual([[], []]);
});
