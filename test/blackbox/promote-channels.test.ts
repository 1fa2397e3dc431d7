import { descriptorOf } from '@plimsoll/core/oci/manifest';
import { channelHistory } from '@plimsoll/core/oci/promotion-history';
import { recordReferrer } from '@plimsoll/core/oci/promotion-record';
import { attachReferrers } from '@plimsoll/core/oci/referrers';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { PromotionBed } from '@plimsoll/testkit/faults/promotion-bed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SAME = { destination: '', tags: '', 'dest-username': '', 'dest-password': '' };
let bed: PromotionBed;
/** Signed, as `bed.good` is. */
let next: AttestedImage;
/** Not signed. */
let bare: AttestedImage;

beforeAll(async () => {
  bed = await PromotionBed.start();
  next = await pushAttestedImage(bed.bed.repository, 'next');
  bare = await pushAttestedImage(bed.bed.repository, 'unsigned');
  const code = codeOf(await bed.bed.sign(next));
  if (code !== undefined) throw new Error(`the image could not be signed: ${code}`);
});
afterAll(() => bed.close());

const toChannel = (image: AttestedImage, channel: string, more = {}) =>
  bed.promote('', { ...SAME, source: bed.bed.at(image.digest), channel, ...more });
const rollBack = (channel: string, to: string, more = {}) =>
  bed.promote('', { ...SAME, source: bed.bed.image, channel, to, ...more });
const pointsTo = async (channel: string) => (await bed.bed.connect().look(channel))?.digest;
const history = (channel: string) => channelHistory(bed.bed.connect(), channel);

describe('a channel', () => {
  it('moves in its own repository, and records who moved it and from what', async () => {
    expect(codeOf(await toChannel(bed.good, 'nightly'))).toBeUndefined();
    const step = await bed.promote('', {
      ...SAME,
      source: `${bed.bed.image}:nightly`,
      channel: 'prod',
      reason: 'All is well',
    });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(await pointsTo('prod')).toBe(bed.good.digest);
    const moved = await toChannel(next, 'prod', { version: '2.0.0' });
    expect(codeOf(moved), moved.log).toBeUndefined();
    const { entries, end } = await history('prod');
    expect(entries.map(({ digest }) => digest)).toEqual([next.digest, bed.good.digest]);
    expect(end).toBe('start');
    expect(entries[0]?.found?.record).toMatchObject({
      version: '2.0.0',
      run: expect.stringContaining('/actions/runs/') as string,
    });
    expect(entries[1]?.found?.record).toMatchObject({ reason: 'All is well', by: expect.any(String) as string });
    expect(await pointsTo('2.0.0')).toBe(next.digest);
    expect(moved.summary).toContain('Packages: 0 changed, 0 added, 0 removed');
    expect(moved.summary).toContain(bed.good.digest.slice(0, 19));
    expect(await pointsTo('latest')).toBe(next.digest);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['that is a version', { channel: '1.2.3' }, 'input-invalid'],
    ['without a name', { channel: '' }, 'input-missing'],
    ['with a version that is none', { channel: 'prod', version: 'next' }, 'input-invalid'],
    ['with an emergency', { channel: 'prod', emergency: 'true' }, 'input-conflict'],
  ])('%s is refused', async (_what, more, code) => {
    expect(codeOf(await toChannel(bed.good, '', more))).toBe(code);
  });
});

describe('a rollback', () => {
  it('goes to what the channel had before, and records that', async () => {
    for (const image of [bed.good, next]) expect(codeOf(await toChannel(image, 'stable'))).toBeUndefined();
    const planned = await rollBack('stable', 'previous', { 'dry-run': 'true' });
    expect(planned.outputs).toMatchObject({ digest: bed.good.digest, tags: '' });
    expect(await pointsTo('stable')).toBe(next.digest);
    const step = await rollBack('stable', 'previous', { reason: 'It leaks' });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs).toMatchObject({ digest: bed.good.digest, tags: 'stable' });
    expect(await pointsTo('stable')).toBe(bed.good.digest);
    const { entries } = await history('stable');
    expect(entries[0]?.found?.record).toMatchObject({ rollback: true, reason: 'It leaks' });
    expect(codeOf(await rollBack('stable', 'previous'))).toBe('history-empty');
  });

  it('goes to a digest that is named', async () => {
    expect(codeOf(await toChannel(next, 'edge'))).toBeUndefined();
    expect(codeOf(await rollBack('edge', bed.good.digest))).toBeUndefined();
    expect(await pointsTo('edge')).toBe(bed.good.digest);
  });

  it('does not go to an image that a forged record names and nobody signed', async () => {
    const repository = bed.bed.connect();
    const image = await repository.manifest(next.digest);
    expect(codeOf(await toChannel(next, 'forged'))).toBeUndefined();
    const forged = {
      repository: repository.label,
      digest: next.digest,
      moves: [{ tag: 'forged', previous: { digest: bare.digest } }],
      at: '2030-01-01T00:00:00Z',
      by: 'octocat',
    };
    await attachReferrers(repository, descriptorOf(image), [recordReferrer(forged)]);
    const step = await rollBack('forged', 'previous');
    expect(codeOf(step), step.log).toBe('verify-unsigned');
    expect(step.shown).toContain(bare.digest);
    expect(await pointsTo('forged')).toBe(next.digest);
    expect(codeOf(await rollBack('forged', 'previous', { emergency: 'true' }))).toBe('input-conflict');
    expect(await pointsTo('forged')).toBe(next.digest);
  });

  it('goes in an emergency to an image that policy refuses, when it is named, and records it', async () => {
    expect(codeOf(await toChannel(next, 'urgent'))).toBeUndefined();
    expect(codeOf(await rollBack('urgent', bare.digest))).toBe('verify-unsigned');
    const step = await rollBack('urgent', bare.digest, { emergency: 'true', reason: 'Down' });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(await pointsTo('urgent')).toBe(bare.digest);
    expect((await history('urgent')).entries[0]?.found?.record).toMatchObject({ emergency: true, rollback: true });
    expect(step.annotations.some(({ level }) => level === 'warning')).toBe(true);
  });

  it('does not go to an image that does not exist, in an emergency either', async () => {
    const absent = `sha256:${'0'.repeat(64)}`;
    const step = await rollBack('prod', absent, { emergency: 'true' });
    expect(codeOf(step), step.log).toBe('registry-not-found');
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['without a channel', { channel: '' }, 'input-conflict'],
    ['of two channels', { channel: 'prod,dev' }, 'input-conflict'],
    ['with tags', { tags: '1.2.3' }, 'input-conflict'],
    ['elsewhere', { destination: 'registry.example/acme/app' }, 'input-conflict'],
    ['to a word', { to: 'yesterday' }, 'digest-invalid'],
  ])('%s is refused', async (_what, more, code) => {
    expect(codeOf(await rollBack('prod', 'previous', more))).toBe(code);
  });
});

describe('verification that is switched off', () => {
  it.each([{ 'verify-signature': 'false' }, { 'verify-source-signature': 'false' }])('by %o warns', async (off) => {
    const name = `acme/unverified-${Object.keys(off)[0]?.length}`;
    const step = await bed.promote(name, { source: bed.bed.at(bare.digest), ...off });
    const atBothEnds = 'verify-signature' in off;
    expect(codeOf(step), step.log).toBe(atBothEnds ? undefined : 'verify-unsigned');
    expect(bed.quay.tagWrites(name)).toEqual(atBothEnds ? ['1.0.0', 'latest'] : []);
    expect(step.annotations.filter(({ level }) => level === 'warning')).not.toEqual([]);
  });
});
