import { fallbackTag } from '@plimsoll/testkit/github/image-shapes';
import { cutOff, fails, type Hazard, imageWithEvidence, litter, survey } from '@plimsoll/testkit/github/prune-hazard';
import { NO_DEV } from '@plimsoll/testkit/github/prune-scene';
import { expect, it } from 'vitest';

const LAST = (last: number) => ({ channels: [{ name: 'all', match: ['*'], keep: { last } }] });

/** One case for each hazard of docs/prune-hazards.md, by code and by survivors; the tests beside it look closer. */
const HAZARDS: readonly Hazard[] = [
  [
    'H19 a shared child',
    (at) => {
      const [shared, own] = [at.shapes.image('shared'), at.shapes.image('own')];
      const kept = at.shapes.index([shared], { tags: ['v1'] });
      return { kept: [kept, shared], gone: [at.shapes.index([shared, own], { tags: ['dev-1'] }), own] };
    },
  ],
  [
    'H20 a stale fallback index',
    (at) => {
      const image = at.shapes.image('image', { tags: ['v1'] });
      const bundle = at.shapes.image('bundle', { subject: image });
      const stale = at.shapes.index([bundle], { tags: [fallbackTag(image)], note: 'stale' });
      return { kept: [image, bundle, at.shapes.index([bundle], { tags: [fallbackTag(image)] })], gone: [stale] };
    },
  ],
  [
    'H21 a bundle that the fallback index lost',
    (at) => {
      const image = at.shapes.image('image', { tags: ['v1'] });
      const lost = at.shapes.image('lost', { subject: image });
      return { kept: [image, lost, at.shapes.index([], { tags: [fallbackTag(image)] })], gone: litter(at) };
    },
  ],
  ['H22 evidence of evidence', (at) => ({ kept: imageWithEvidence(at, 'v1'), gone: imageWithEvidence(at, 'dev-1') })],
  [
    'H23 signatures of another package',
    (at) => {
      const tag = fallbackTag(`sha256:${'f'.repeat(64)}`, '.sig');
      return { kept: [at.shapes.image('foreign', { tags: [tag] })], gone: litter(at) };
    },
  ],
  [
    'H24 digests that another package or a file names',
    (at) => {
      const { index, children } = at.shapes.multiPlatform('a');
      const digests = new Map([[children[0] as `sha256:${string}`, 'protect-from/x']]);
      at.pins = { digests, tags: new Map(), notes: [] };
      return { kept: children.slice(0, 1), gone: [index, ...children.slice(1), ...litter(at)] };
    },
  ],
  [
    'H25 a digest that is pinned',
    (at) => {
      const { index, children } = at.shapes.multiPlatform('a');
      at.retention = { ...NO_DEV, protect: { digests: [index] } };
      return { kept: [index, ...children], gone: litter(at) };
    },
  ],
  [
    'H26 what is no image',
    (at) => {
      const other = (text: string, tags: string[]) =>
        at.state.push(Buffer.from(text), 'application/x.thing+json', tags);
      const kept = [
        other('{"kind":"cacheonly"}', ['buildcache-main']),
        at.shapes.artifact('chart', { tags: ['chart-1'] }),
      ];
      return { kept, gone: [other('{"layers":null}', []), at.shapes.artifact('old', { tags: ['dev-1'] })] };
    },
  ],
  [
    'H27 tags that only look like evidence',
    (at) => {
      const odd = ['sha256-abc', `sha256-${'a'.repeat(100)}.sig`, `sha256-${'A'.repeat(64)}`];
      return { kept: odd.map((tag) => at.shapes.image(tag, { tags: [tag] })), gone: litter(at) };
    },
  ],
  [
    'H28 a package that is not there',
    (at) => {
      at.planes.hook = (request) => void (request === 'info' && fails('package-not-found'));
      return { code: 'package-not-found', kept: litter(at) };
    },
  ],
  [
    'H29 a pattern with a typing error',
    (at) => {
      at.retention = { channels: [{ name: 'x', match: ['v[abc'], keep: { last: 0 } }] };
      return { code: 'policy-invalid', kept: [...litter(at), at.shapes.image('a', { tags: ['va'] })] };
    },
  ],
  [
    'H30 times of the future, and twice the same',
    (at) => {
      at.retention = LAST(1);
      const [gone, kept] = ['v1', 'v2'].map((tag) => at.shapes.image(tag, { tags: [tag] }));
      at.wait(400);
      const future = at.shapes.image('future');
      at.wait(-400);
      return { kept: [kept ?? '', future], gone: [gone ?? ''] };
    },
  ],
  [
    'H31 two runs at once',
    (at) => {
      const gone = imageWithEvidence(at, 'dev-1');
      const other = () => gone.slice(2).map((digest) => at.state.delete(at.state.live(digest)?.id ?? 0));
      return { kept: imageWithEvidence(at, 'v1'), gone, next: ['delete', other] };
    },
  ],
  [
    'H32 an index that lacks a part',
    (at) => {
      const { index, children } = at.shapes.multiPlatform('a', { tags: ['v1'] });
      const gone = litter(at);
      at.state.delete(at.state.live(children[0] ?? '')?.id ?? 0);
      return { kept: [index, ...children.slice(1)], gone };
    },
  ],
  [
    'H33 rights that end during the run',
    (at) => {
      const [index = '', ...rest] = imageWithEvidence(at, 'dev-1');
      const kept = [...imageWithEvidence(at, 'v1'), ...rest];
      return { code: 'github-denied', kept, gone: [index], next: ['delete', () => cutOff(at, 'github-denied')] };
    },
  ],
  [
    'H34 a page that fails',
    (at) => {
      at.planes.pageSize = 3;
      at.planes.hook = (request, page) =>
        void (request === 'page' && page === 'active 2' && fails('github-unreachable'));
      return { code: 'github-unreachable', kept: [...imageWithEvidence(at, 'v1'), ...imageWithEvidence(at, 'dev-1')] };
    },
  ],
  [
    'H35 a tag that is listed twice',
    (at) => {
      const kept = [at.shapes.image('old', { tags: ['dev-1'] }), at.shapes.image('new')];
      at.state.live(kept[1] ?? '')?.tags.add('dev-1');
      return { kept, gone: litter(at) };
    },
  ],
];

it.each(HAZARDS)('%s', async (...hazard) => {
  const { wanted, ...found } = await survey(hazard);
  expect(found).toEqual({ code: wanted, lost: [], left: [], broken: [] });
});

it('are all here', () => {
  expect(HAZARDS.map(([name]) => name.split(' ')[0])).toEqual(Array.from({ length: 17 }, (_, at) => `H${at + 19}`));
});
