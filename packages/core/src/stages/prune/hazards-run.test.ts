import { fallbackTag } from '@plimsoll/testkit/github/image-shapes';
import { doomed, sceneWith } from '@plimsoll/testkit/github/prune-scene';
import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../../runtime/errors.ts';

const codeOf = (failure: Error | undefined) => (failure as { code?: string } | undefined)?.code;

describe('hazards of a run', () => {
  it('H8 reads what was pushed a moment ago until the registry has it, and gives up before it deletes', async () => {
    for (const late of [1, 9]) {
      const at = sceneWith();
      const children = ['amd64', 'arm64'].map((seed) => at.shapes.image(seed));
      at.wait(200);
      const planned = await at.plan();
      let made = '';
      let left = late;
      at.planes.hook = (request, argument) => {
        if (request === 'page' && made === '') made = at.shapes.index(children, { tags: ['v2'] });
        if (request === 'manifest' && argument === made && left-- > 0)
          throw new PlimsollError('registry-not-found', 'not yet', { hint: 'x' });
      };
      const { failure } = await at.apply(planned);
      expect([codeOf(failure), at.whole(made)]).toEqual([late === 1 ? undefined : 'inventory-incomplete', true]);
    }
  });

  it('H14 matches patterns with tags only, whatever the digests look like', async () => {
    const at = sceneWith({ channels: [{ name: 'all', match: ['/.*[0-9a-f]{8}.*/'], keep: { last: 0 } }] });
    const tagged = at.shapes.image('a', { tags: ['v1'] });
    at.wait(10);
    expect(await doomed(at)).toEqual([]);
    expect(at.alive(tagged)).toBe(true);
  });

  it('H15 never takes a tag off by pushing or deleting anything in its place', async () => {
    const at = sceneWith();
    const both = at.shapes.multiPlatform('both', { tags: ['dev-1', 'v1.0.0'] });
    at.shapes.multiPlatform('old', { tags: ['dev-2'] });
    at.wait(10);
    const before = at.state.versions.size;
    const { failure, deleted } = await at.prune();
    expect([failure, deleted.length, at.planes.count('put'), at.state.versions.size]).toEqual([
      undefined,
      5,
      0,
      before,
    ]);
    expect([at.state.tags.get('dev-1'), at.whole(both.index)]).toEqual([both.index, true]);
  });

  it('H32 reports an index that lacks a part, and keeps the rest of it', async () => {
    const at = sceneWith();
    const sparse = at.shapes.multiPlatform('sparse', { tags: ['v1.0.0'] });
    at.shapes.image('orphan');
    at.wait(10);
    at.state.delete(at.state.live(sparse.children[0] ?? '')?.id ?? 0);
    const { planned, failure, deleted } = await at.prune();
    expect([failure, deleted.length]).toEqual([undefined, 1]);
    expect(planned.plan.notes).toContainEqual(expect.stringContaining(sparse.children[0] ?? ''));
    expect([sparse.index, ...sparse.children.slice(1)].every((digest) => at.alive(digest))).toBe(true);
  });

  it.each(['github-denied', 'package-not-found', 'registry-unauthorized'] as const)(
    'H33 stops with %s when token, name or visibility change during the run',
    async (code) => {
      const at = sceneWith();
      const kept = at.shapes.multiPlatform('kept', { tags: ['v1.0.0'] });
      const old = at.shapes.multiPlatform('old', { tags: ['dev-1'] });
      const signature = at.shapes.image('sig', { tags: [fallbackTag(old.index, '.sig')] });
      at.wait(10);
      const planned = await at.plan();
      let deletes = 0;
      at.planes.hook = (request) => {
        deletes += request === 'delete' ? 1 : 0;
        if (deletes > 2) throw new PlimsollError(code, 'no more', { hint: 'x' });
      };
      const { failure, deleted } = await at.apply(planned);
      expect([codeOf(failure), deleted.map((item) => item.digest)[0]]).toEqual([code, old.index]);
      expect([at.whole(kept.index), [...old.children, signature].filter((digest) => at.alive(digest)).length]).toEqual([
        true,
        4,
      ]);
    },
  );
});
