import { pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { PromotionBed, unpromoted } from '@plimsoll/testkit/faults/promotion-bed';
import { secretForms } from '@plimsoll/testkit/runner/leaks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let bed: PromotionBed;

beforeAll(async () => {
  bed = await PromotionBed.start();
});
afterAll(() => bed.close());

describe('an image', () => {
  it('goes with all its evidence, and gets its tags last', async () => {
    const step = await bed.promote('acme/app');
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs).toMatchObject({ digest: bed.good.digest, tags: '1.0.0\nlatest' });
    expect(bed.quay.manifests('acme/app').slice(-2)).toEqual(['1.0.0', 'latest']);
    expect(bed.leaks(step)).toEqual([]);
    const again = bed.quay.writes('acme/app').length;
    expect(codeOf(await bed.promote('acme/app'))).toBeUndefined();
    expect(bed.quay.writes('acme/app')).toHaveLength(again);
  });

  it('is only tagged where it already is', async () => {
    const before = bed.ghcr.writes('acme/app').length;
    const step = await bed.promote('', {
      destination: bed.bed.image,
      tags: 'stable',
      'dest-username': '',
      'dest-password': '',
    });
    expect(codeOf(step), step.log).toBeUndefined();
    const writes = bed.ghcr.writes('acme/app').slice(before);
    expect(writes.at(-1)).toBe('PUT /v2/acme/app/manifests/stable');
    // The record of the promotion, and nothing else.
    expect(writes.filter((line) => line.startsWith('POST'))).toHaveLength(1);
    expect((await bed.bed.connect().resolve('stable'))?.digest).toBe(bed.good.digest);
    expect(bed.leaks(step)).toEqual([]);
  });

  it('stays where it is on a dry run', async () => {
    const step = await bed.promote('acme/dry', { 'dry-run': 'true' });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs).toMatchObject({ digest: bed.good.digest, tags: '' });
    expect(bed.quay.writes('acme/dry')).toEqual([]);
    const plan = step.shown.split('\n').filter((line) => /^ {2}(?:manifests|blobs|bytes|tag|record) /.test(line));
    expect(plan.map((line) => line.trim().split(/\s+/)[0])).toEqual([
      'manifests',
      'blobs',
      'bytes',
      'tag',
      'tag',
      'record',
    ]);
  });

  it('does not get an immutable tag that another has, and nothing is copied for it', async () => {
    const other = await pushAttestedImage(bed.bed.repository, 'other');
    const destination = { destination: bed.bed.image, 'dest-username': '', 'dest-password': '' };
    await bed.bed.repository.putManifest(await bed.bed.repository.manifest(other.digest), '3.0.0');
    const before = bed.ghcr.writes('acme/app').length;
    const step = await bed.promote('', { ...destination, tags: 'newest\n3.0.0' });
    expect(codeOf(step), step.log).toBe('tag-taken');
    expect(bed.ghcr.writes('acme/app').slice(before)).toEqual([]);
    expect((await bed.bed.connect().resolve('3.0.0'))?.digest).toBe(other.digest);
  });

  it('that is not signed is not promoted', async () => {
    const { digest } = await pushAttestedImage(bed.bed.repository, 'bare');
    expect(bed.outcome(await bed.promote('acme/bare', { source: bed.bed.at(digest) }), 'acme/bare')).toEqual(
      unpromoted('verify-unsigned'),
    );
    expect(bed.quay.writes('acme/bare')).toEqual([]);
  });

  it('is not found under a tag that does not exist', async () => {
    const step = await bed.promote('acme/absent', { source: `${bed.bed.image}:absent` });
    expect(bed.outcome(step, 'acme/absent'), step.log).toEqual(unpromoted('registry-not-found'));
    expect(step.shown).toContain('absent');
  });
});

describe('credentials', () => {
  it('for the source alone do not write to the destination', async () => {
    const { username, token } = bed.bed.world.ghcr;
    const login = { 'source-username': username, 'source-password': token, 'dest-username': '', 'dest-password': '' };
    const step = await bed.promote('acme/one-sided', login);
    expect(bed.outcome(step, 'acme/one-sided'), step.log).toEqual(unpromoted('registry-denied'));
    expect(step.shown).toContain('registry-auth');
    expect(bed.quay.manifests('acme/one-sided')).toEqual([]);
  });

  it('that are wrong are refused and not shown', async () => {
    const step = await bed.promote('acme/wrong', { 'dest-password': 'not-the-password' });
    expect(bed.outcome(step, 'acme/wrong'), step.log).toEqual(unpromoted('registry-denied'));
    expect(bed.leaks(step, ...secretForms(bed.bed.world.quay.username, 'not-the-password'))).toEqual([]);
  });

  it('of the destination are not what the source is asked with', async () => {
    const { username, password } = bed.bed.world.quay;
    const login = { 'source-username': username, 'source-password': password };
    const step = await bed.promote('acme/swapped', login);
    expect(bed.outcome(step, 'acme/swapped'), step.log).toEqual(unpromoted('registry-denied'));
    expect(bed.quay.writes('acme/swapped')).toEqual([]);
  });
});
