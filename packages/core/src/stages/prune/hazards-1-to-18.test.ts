import { fallbackTag } from '@plimsoll/testkit/github/image-shapes';
import { cutOff, fails, type Hazard, imageWithEvidence, litter, survey } from '@plimsoll/testkit/github/prune-hazard';
import { expect, it } from 'vitest';

const LAST = (last: number) => ({ channels: [{ name: 'all', match: ['*'], keep: { last } }] });

/** One case for each hazard of docs/prune-hazards.md, by code and by survivors; the tests beside it look closer. */
const HAZARDS: readonly Hazard[] = [
  ['H1 parts of a tagged index', (at) => ({ kept: imageWithEvidence(at, 'v1'), gone: litter(at) })],
  [
    'H2 an index in an index',
    (at) => {
      const inner = at.shapes.multiPlatform('a');
      return { kept: [at.shapes.index([inner.index], { tags: ['v1'] }), ...inner.children], gone: litter(at) };
    },
  ],
  [
    'H3 children with tags of their own',
    (at) => {
      const kept = ['amd64', 'arm64'].map((one) => at.shapes.image(one, { tags: [`v1-${one}`] }));
      return { kept, gone: [at.shapes.index(kept, { tags: ['dev-1'] }), ...litter(at)] };
    },
  ],
  [
    'H4 signatures of platforms',
    (at) => {
      const [v1, dev] = ['v1', 'dev-1'].map((tag) => at.shapes.multiPlatform(tag, { tags: [tag] }).children);
      const sign = (digest: string) => at.shapes.image(`s ${digest}`, { tags: [fallbackTag(digest, '.sig')] });
      return { kept: [...(v1 ?? []), ...(v1 ?? []).map(sign)], gone: [...(dev ?? []).map(sign), ...(dev ?? [])] };
    },
  ],
  [
    'H5 signatures that would take places',
    (at) => {
      at.retention = LAST(2);
      const gone = [at.shapes.image('v1', { tags: ['v1'] })];
      at.wait(1);
      const kept = ['v2', 'v3'].map((tag) => at.shapes.image(tag, { tags: [tag] }));
      at.wait(1);
      return {
        kept: [...kept, ...kept.map((one) => at.shapes.image(`s${one}`, { tags: [fallbackTag(one, '.sig')] }))],
        gone,
      };
    },
  ],
  [
    'H6 the signature of an SBOM',
    (at) => {
      at.retention = LAST(1);
      return { kept: imageWithEvidence(at, 'v1'), gone: [at.shapes.image('litter')] };
    },
  ],
  [
    'H7 a push under way',
    (at) => {
      const gone = litter(at);
      at.wait(10);
      const kept = [at.shapes.image('amd64'), at.shapes.image('arm64')];
      at.wait(-10);
      return { kept, gone };
    },
  ],
  [
    'H8 a push under way, of old parts',
    (at) => {
      const kept = [at.shapes.image('amd64'), at.shapes.image('arm64')];
      return { kept, gone: litter(at), next: ['page', () => at.shapes.index(kept)] };
    },
  ],
  [
    'H9 an old digest that was tagged today',
    (at) => {
      at.retention = { channels: [{ name: 'prod', match: ['prod', 'p-*'], keep: { last: 1, 'younger-than': '30d' } }] };
      const kept = imageWithEvidence(at, 'p-1');
      at.wait(200);
      at.state.tag('prod', kept[0] ?? '');
      return { kept: [...kept, at.shapes.image('new', { tags: ['p-2'] })] };
    },
  ],
  [
    'H10 a tag set before the deletion',
    (at) => {
      const { index, children } = at.shapes.multiPlatform('a');
      return { kept: [index, ...children], gone: litter(at), next: ['version', () => at.state.tag('prod', index)] };
    },
  ],
  [
    'H11 a list that changes while it is read',
    (at) => {
      at.planes.pageSize = 3;
      const kept = imageWithEvidence(at, 'v1');
      const gone = litter(at);
      let once = true;
      at.planes.hook = (request, page) => {
        if (request !== 'page' || page !== 'active 2' || !once) return;
        once = false;
        at.shapes.index(kept.slice(1, 3), { tags: ['v2'] });
        at.state.delete(at.state.live(kept[0] ?? '')?.id ?? 0);
      };
      return { kept: kept.slice(1, 3), gone };
    },
  ],
  [
    'H12 a manifest that cannot be read',
    (at) => {
      const kept = imageWithEvidence(at, 'v1');
      at.planes.hook = (request, digest) =>
        void (request === 'manifest' && digest === kept[0] && fails('registry-not-found'));
      return { code: 'inventory-incomplete', kept: [...kept, ...litter(at)] };
    },
  ],
  ['H13 one of several tags', (at) => ({ kept: [at.shapes.image('a', { tags: ['dev-1', 'v1'] })], gone: litter(at) })],
  [
    'H14 a pattern that fits the digest',
    (at) => {
      at.retention = { channels: [{ name: 'all', match: ['/(sha256:)?[0-9a-f]{8,}/'], keep: { last: 0 } }] };
      return { kept: [at.shapes.image('a', { tags: ['v1'] })], gone: litter(at) };
    },
  ],
  [
    'H15 a tag that cannot be taken off',
    (at) => {
      const kept = [at.shapes.multiPlatform('a', { tags: ['dev-1', 'v1'] }).index];
      return { kept, gone: [at.shapes.image('b', { tags: ['dev-2'] })] };
    },
  ],
  [
    'H16 the last tagged version',
    (at) => {
      const { index, children } = at.shapes.multiPlatform('a', { tags: ['dev-1'] });
      return { kept: [index, ...children], gone: [at.shapes.image('litter')] };
    },
  ],
  [
    'H17 more than 5,000 downloads',
    (at) => {
      at.state.visibility = 'public';
      const kept = imageWithEvidence(at, 'dev-1');
      Object.assign(at.state.live(kept[0] ?? '') ?? {}, { downloads: 5_001 });
      return { kept, gone: litter(at) };
    },
  ],
  [
    'H18 a run that is cut short',
    (at) => {
      const kept = imageWithEvidence(at, 'v1');
      const [index = ''] = imageWithEvidence(at, 'dev-1');
      return {
        code: 'github-rate-limited',
        kept,
        gone: [index],
        next: ['delete', () => cutOff(at, 'github-rate-limited')],
      };
    },
  ],
];

it.each(HAZARDS)('%s', async (...hazard) => {
  const { wanted, ...found } = await survey(hazard);
  expect(found).toEqual({ code: wanted, lost: [], left: [], broken: [] });
});

it('are all here', () => {
  expect(HAZARDS.map(([name]) => name.split(' ')[0])).toEqual(Array.from({ length: 18 }, (_, at) => `H${at + 1}`));
});
