import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { PromotionBed } from '@plimsoll/testkit/faults/promotion-bed';
import { promoteUntilKilled } from '@plimsoll/testkit/faults/killed-promotion';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const COMMIT = 'c'.repeat(40);
let bed: PromotionBed;

beforeAll(async () => {
  bed = await PromotionBed.start();
  const { repository } = bed.bed;
  await repository.putManifest(await repository.manifest(bed.good.digest), `sha-${COMMIT}`);
});
afterAll(() => bed.close());

/** The tags written at the destination, in order. */
const tagged = (destination: string) => bed.quay.tagWrites(destination);

describe('promoted tags', () => {
  it('are with create-semver-tags those of a build, and those of the commit with include-sha-tags', async () => {
    const source = `${bed.bed.image}:sha-${COMMIT}`;
    const flags = { 'create-semver-tags': 'true', 'include-sha-tags': 'true' };
    const step = await bed.promote('acme/semver', { source, tags: 'v1.2.3', ...flags });
    expect(codeOf(step), step.log).toBeUndefined();
    const immutable = ['v1.2.3', '1.2.3', `sha-${COMMIT}`];
    const moving = ['1.2', '1', 'latest', 'sha-ccccccc'];
    expect(tagged('acme/semver').slice(0, immutable.length).toSorted()).toEqual(immutable.toSorted());
    expect(tagged('acme/semver').slice(immutable.length).toSorted()).toEqual(moving.toSorted());
    const { host } = bed.bed.world.quay;
    expect(step.outputs['dest-image-full']).toBe(`${host}/acme/semver:v1.2.3@${bed.good.digest}`);
  });

  it('do not move latest back to a fix of an old version', async () => {
    expect(codeOf(await bed.promote('acme/lines', { tags: '2.0.0' }))).toBeUndefined();
    const step = await bed.promote('acme/lines', { tags: '1.9.1', 'create-semver-tags': 'true' });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(tagged('acme/lines').toSorted()).toEqual(['1', '1.9', '1.9.1', '2.0.0']);
  });

  it('of the commit need a source that names it', async () => {
    const step = await bed.promote('acme/commitless', { 'include-sha-tags': 'true' });
    expect(codeOf(step), step.log).toBe('input-conflict');
    expect(tagged('acme/commitless')).toEqual([]);
  });

  it('that exist stop everything with fail-if-dest-exists, moving ones too', async () => {
    const { repository } = bed.bed;
    const other = bed.good.platforms[0]?.digest ?? bed.good.digest;
    await repository.putManifest(await repository.manifest(other), 'newest');
    const destination = { destination: bed.bed.image, 'dest-username': '', 'dest-password': '' };
    const before = bed.ghcr.writes('acme/app').length;
    const step = await bed.promote('', { ...destination, tags: 'newest', 'fail-if-dest-exists': 'true' });
    expect(codeOf(step), step.log).toBe('tag-taken');
    expect(bed.ghcr.writes('acme/app')).toHaveLength(before);
  });
});

describe('a promotion that is killed', () => {
  it.each([1, 6, 12, 18, 24])(
    'at write %i leaves no tag on an incomplete image, and the next run finishes',
    async (at) => {
      const name = `acme/killed-${at}`;
      let writes = 0;
      const when = ({ method }: { method: string }) => {
        if (method !== 'GET' && method !== 'HEAD') writes += 1;
        return writes === at;
      };
      const killed = await promoteUntilKilled(bed, bed.inputs(name), { board: bed.quay, names: [name], when });
      expect(killed.exitCode).toBe(137);
      expect(tagged(name)).toEqual([]);
      const step = await bed.promote(name);
      expect(codeOf(step), step.log).toBeUndefined();
      expect(step.outputs['tags']).toBe('1.0.0\nlatest');
      expect(bed.quay.manifests(name).slice(-2)).toEqual(['1.0.0', 'latest']);
    },
  );
});
