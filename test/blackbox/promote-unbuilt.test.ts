import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { PromotionBed } from '@plimsoll/testkit/faults/promotion-bed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const [tagged = '', built = ''] = ['b', 'c'].map((digit) => digit.repeat(40));
const stray = 'e'.repeat(40);
let bed: PromotionBed;

beforeAll(async () => {
  bed = await PromotionBed.start();
  const { commits } = bed.bed.world.github;
  commits.branch.push('a'.repeat(40), tagged, built);
  commits.strays.set(stray, built);
  const { repository } = bed.bed;
  const image = await repository.manifest(bed.good.digest);
  await repository.putManifest(image, `sha-${built}`);
});
afterAll(() => bed.close());

/** What a version tag on this commit starts. */
function release(destination: string, tag: string) {
  const { ghcr } = bed.bed.world;
  return bed.promote(destination, { source: `${ghcr.host}/acme/app:${tag}` });
}

describe('a version tag on a commit without an image', () => {
  it.each([
    ['that was never built', tagged, ''],
    ['that is not on main', stray, 'The commit is not on main.'],
  ])('%s promotes nothing, and names the commits that have one', async (_what, commit, said) => {
    const name = `acme/unbuilt-${commit.slice(0, 4)}`;
    const step = await release(name, `sha-${commit}`);
    expect(codeOf(step), step.log).toBe('commit-unbuilt');
    expect(step.shown).toContain(`has no image for sha-${commit}: these commits before it have one: sha-${built}.`);
    expect(step.shown).toContain(said);
    expect(bed.quay.writes(name)).toEqual([]);
  });

  it('asks GitHub for no history where the image is there, or the tag names no commit', async () => {
    const asked = () => bed.bed.world.github.requests.filter(({ path }) => path.includes('/commits?')).length;
    const before = asked();
    expect(codeOf(await release('acme/built', `sha-${built}`))).toBeUndefined();
    expect(codeOf(await release('acme/named', 'nightly'))).toBe('registry-not-found');
    expect(asked()).toBe(before);
  });
});
