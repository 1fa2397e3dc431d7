import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { promoteUntilKilled } from '@plimsoll/testkit/faults/killed-promotion';
import { PromotionBed } from '@plimsoll/testkit/faults/promotion-bed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SAME = { destination: '', tags: '', 'dest-username': '', 'dest-password': '' };
const NAMES = ['acme/api', 'acme/web'] as const;
let bed: PromotionBed;
/** Signed, and in both repositories, as `bed.good` is. */
let next: AttestedImage;

beforeAll(async () => {
  bed = await PromotionBed.start();
  next = await pushAttestedImage(bed.bed.repository, 'next');
  const codes = [codeOf(await bed.bed.sign(next))];
  for (const { digest } of [bed.good, next]) {
    const destinations = NAMES.map(at).join('\n');
    const inputs = { ...SAME, source: bed.bed.at(digest), destinations, tags: `sha-${digest.slice(7, 47)}` };
    codes.push(codeOf(await bed.promote('', inputs)));
  }
  if (codes.some((code) => code !== undefined)) throw new Error(`the family is not there: ${codes.join()}`);
}, 120_000);
afterAll(() => bed.close());

const at = (name: string) => `${bed.bed.world.ghcr.host}/${name}`;
const sources = (image: AttestedImage) => NAMES.map((name) => `${at(name)}@${image.digest}`).join('\n');
const toChannel = (image: AttestedImage, channel: string) => ({ ...SAME, source: sources(image), channel });
const rollBack = (channel: string) => ({ ...SAME, source: NAMES.map(at).join('\n'), channel, to: 'previous' });
const promote = (inputs: Readonly<Record<string, string>>) => bed.promote('', inputs);
const pointTo = (channel: string) =>
  Promise.all(NAMES.map(async (name) => (await bed.bed.connect(at(name)).look(channel))?.digest));
const isTag = (channel: string) => (request: { method: string; path: string }) =>
  request.method === 'PUT' && request.path.endsWith(`/${channel}`);
/** Kills the run when it is about to move the tag of the second image. */
const killHalfWay = (inputs: Readonly<Record<string, string>>, channel: string) => {
  let moved = 0;
  const when = (request: { method: string; path: string }) => isTag(channel)(request) && (moved += 1) === 2;
  const all = { ...bed.inputs(''), ...inputs };
  return promoteUntilKilled(bed, all, { board: bed.ghcr, names: NAMES, when });
};

describe('a family', () => {
  it('moves together, and goes back together', async () => {
    for (const image of [bed.good, next]) expect(codeOf(await promote(toChannel(image, 'prod')))).toBeUndefined();
    expect(await pointTo('prod')).toEqual([next.digest, next.digest]);
    const step = await promote(rollBack('prod'));
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs['images']?.split('\n')).toEqual(NAMES.map((name) => `${at(name)}@${bed.good.digest}`));
    expect(await pointTo('prod')).toEqual([bed.good.digest, bed.good.digest]);
  });

  it('is put back when one of its tags cannot be moved', async () => {
    expect(codeOf(await promote(toChannel(bed.good, 'stable')))).toBeUndefined();
    bed.ghcr.set(NAMES[1], (request) =>
      isTag('stable')(request) ? { status: 403, body: { errors: [{ code: 'DENIED' }] } } : undefined,
    );
    const step = await promote(toChannel(next, 'stable'));
    bed.ghcr.set(NAMES[1], undefined);
    expect(codeOf(step), step.log).toBe('registry-denied');
    expect(step.shown).toContain(`put back: ${at(NAMES[0])}:stable`);
    expect(await pointTo('stable')).toEqual([bed.good.digest, bed.good.digest]);
    expect(step.outputs['tags'] ?? '').toBe('');
  });

  it('names the tag that was new and so cannot be put back', async () => {
    bed.ghcr.set(NAMES[1], (request) =>
      isTag('fresh')(request) ? { status: 403, body: { errors: [{ code: 'DENIED' }] } } : undefined,
    );
    const step = await promote(toChannel(next, 'fresh'));
    bed.ghcr.set(NAMES[1], undefined);
    expect(codeOf(step), step.log).toBe('registry-denied');
    expect(step.shown).toContain(`not put back: ${at(NAMES[0])}:fresh`);
  });

  it('does not take back a tag that somebody else has moved meanwhile', async () => {
    expect(codeOf(await promote(toChannel(bed.good, 'busy')))).toBeUndefined();
    const other = next.platforms[0]?.digest ?? next.digest;
    bed.ghcr.set(NAMES[1], (request) => {
      if (!isTag('busy')(request)) return undefined;
      const first = bed.bed.connect(at(NAMES[0]));
      const meanwhile = first.manifest(other).then((manifest) => first.putManifest(manifest, 'busy'));
      return meanwhile.then(() => ({ status: 403, body: { errors: [{ code: 'DENIED' }] } }));
    });
    const step = await promote(toChannel(next, 'busy'));
    bed.ghcr.set(NAMES[1], undefined);
    expect(codeOf(step), step.log).toBe('registry-denied');
    expect(await pointTo('busy')).toEqual([other, bed.good.digest]);
  });
});

describe('a family whose run is killed half-way', () => {
  it('is completed by the next run', async () => {
    expect(codeOf(await promote(toChannel(bed.good, 'edge')))).toBeUndefined();
    expect((await killHalfWay(toChannel(next, 'edge'), 'edge')).exitCode).toBe(137);
    expect(await pointTo('edge')).toEqual([next.digest, bed.good.digest]);
    expect(codeOf(await promote(toChannel(next, 'edge')))).toBeUndefined();
    expect(await pointTo('edge')).toEqual([next.digest, next.digest]);
  });

  it('goes back to where all were, not further', async () => {
    for (const image of [next, bed.good]) expect(codeOf(await promote(toChannel(image, 'back')))).toBeUndefined();
    expect((await killHalfWay(toChannel(next, 'back'), 'back')).exitCode).toBe(137);
    const step = await promote(rollBack('back'));
    expect(codeOf(step), step.log).toBeUndefined();
    expect(await pointTo('back')).toEqual([bed.good.digest, bed.good.digest]);
  });

  it('while it goes back is taken back once', async () => {
    for (const image of [next, bed.good, next]) expect(codeOf(await promote(toChannel(image, 'once')))).toBeUndefined();
    expect((await killHalfWay(rollBack('once'), 'once')).exitCode).toBe(137);
    expect(await pointTo('once')).toEqual([bed.good.digest, next.digest]);
    expect(codeOf(await promote(rollBack('once')))).toBeUndefined();
    expect(await pointTo('once')).toEqual([bed.good.digest, bed.good.digest]);
  });
});

describe('several destinations', () => {
  const quay = (name: string) => `${bed.bed.world.quay.host}/${name}`;
  const login = { 'dest-username': '', 'dest-password': '' };
  const auth = () => {
    const { host, username, password } = bed.bed.world.quay;
    return JSON.stringify([{ registry: host, username, password }]);
  };
  const toBoth = (names: readonly string[], more = {}) => {
    const destinations = names.map(quay).join('\n');
    return bed.promote('', { destination: '', destinations, ...login, 'registry-auth': auth(), ...more });
  };

  it('are written at once, each with its tags', async () => {
    const step = await toBoth(['acme/east', 'acme/west']);
    expect(codeOf(step), step.log).toBeUndefined();
    for (const name of ['acme/east', 'acme/west']) expect(bed.quay.tagWrites(name)).toEqual(['1.0.0', 'latest']);
    expect(step.outputs['images']?.split('\n')).toHaveLength(2);
  });

  it('are not held up by one that fails, and the result says which are done', async () => {
    bed.quay.set('acme/broken', ({ method }) =>
      method === 'POST' ? { status: 403, body: { errors: [{ code: 'DENIED' }] } } : undefined,
    );
    const step = await toBoth(['acme/broken', 'acme/whole']);
    expect(codeOf(step), step.log).toBe('registry-denied');
    expect(bed.quay.tagWrites('acme/broken')).toEqual([]);
    expect(bed.quay.tagWrites('acme/whole')).toEqual(['1.0.0', 'latest']);
    expect(step.outputs['images']).toBe(`${quay('acme/whole')}@${bed.good.digest}`);
    expect(step.shown).toContain(`done: ${quay('acme/whole')}`);
  });

  it('are all left alone when an immutable tag of one is taken', async () => {
    const taken = await bed.promote('acme/taken', { source: bed.bed.at(next.digest), tags: '1.0.0' });
    expect(codeOf(taken), taken.log).toBeUndefined();
    const step = await toBoth(['acme/free', 'acme/taken']);
    expect(codeOf(step), step.log).toBe('tag-taken');
    expect(bed.quay.writes('acme/free')).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['beside one destination', { destination: 'registry.example/acme/app' }],
    ['named twice', { destinations: 'registry.example/acme/app\nregistry.example/acme/app' }],
    [
      'with one login for two registries',
      { destinations: 'a.example/x\nb.example/x', 'dest-username': 'x', 'dest-password': 'long-enough' },
    ],
    ['for two images in one repository', { source: 'a.example/x:1\na.example/y:1', destinations: 'b.example/z' }],
  ])('%s are refused', async (_what, more) => {
    expect(codeOf(await toBoth(['acme/refused'], more))).toBe('input-conflict');
  });
});
