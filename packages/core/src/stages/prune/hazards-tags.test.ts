import { doomed, NO_DEV, sceneWith } from '@plimsoll/testkit/github/prune-scene';
import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../../runtime/errors.ts';

describe('tags, age and order', () => {
  it('H9 keeps an old digest that a moving tag was set to today', async () => {
    const at = sceneWith({
      channels: [{ name: 'prod', match: ['prod', 'prod-*'], keep: { last: 1, 'younger-than': '30d' } }],
    });
    const old = at.shapes.multiPlatform('old', { tags: ['prod-1'] }).index;
    at.wait(200);
    at.shapes.multiPlatform('new', { tags: ['prod-2'] });
    at.state.tag('prod', old);
    const custom = await doomed(at);
    at.retention = { channels: [{ name: 'all', match: ['*'], keep: { last: 1 } }] };
    expect([custom, await doomed(at)]).toEqual([[], []]);
  });

  it('H13 keeps a version when any of its tags is kept, whatever the order of the channels', async () => {
    const at = sceneWith();
    const both = at.shapes.image('both', { tags: ['dev-1', 'v1.0.0'] });
    const only = at.shapes.image('only', { tags: ['dev-2'] });
    at.wait(10);
    expect(await doomed(at)).toEqual([only]);
    at.retention = { channels: NO_DEV.channels.toReversed() };
    expect(await doomed(at)).toEqual([]);
    expect(at.alive(both)).toBe(true);
  });

  it('H28 reports a package that is not there', async () => {
    const at = sceneWith();
    at.planes.hook = (request) => {
      if (request === 'info')
        throw new PlimsollError('package-not-found', 'no such package', { hint: 'Check the name.' });
    };
    await expect(at.plan()).rejects.toMatchObject({ code: 'package-not-found' });
  });

  it.each(['v[abc', '/(/', 'a b', '', '!', '/x', 'semver:nonsense'])(
    'H29 refuses the pattern "%s"',
    async (pattern) => {
      const at = sceneWith({ channels: [{ name: 'x', match: [pattern], keep: { last: 1 } }] });
      at.shapes.image('a', { tags: ['v1'] });
      await expect(async () => at.plan()).rejects.toThrow();
      expect(at.state.count).toBe(1);
    },
  );

  it('H29 reports rules that match nothing', async () => {
    const at = sceneWith({ ...NO_DEV, protect: { tags: ['prodcution'], digests: [`sha256:${'0'.repeat(64)}`] } });
    at.shapes.image('a', { tags: ['v1'] });
    const { plan } = await at.plan();
    expect(plan.notes.map((note) => /"(dev|prodcution)"|0000/.test(note))).toEqual([true, true, true]);
  });

  it('H30 keeps what claims to be from the future, and breaks ties by id', async () => {
    const at = sceneWith({ channels: [{ name: 'all', match: ['*'], keep: { last: 2 } }] });
    const [first, second, third] = ['a', 'b', 'c'].map((tag) => at.shapes.image(tag, { tags: [tag] }));
    expect(await doomed(at)).toEqual([first]);
    at.wait(-1);
    const future = at.shapes.image('loose');
    at.wait(-400);
    const { plan } = await at.plan();
    expect(plan.delete.map((item) => item.digest)).toEqual([first]);
    expect([...plan.keep].map((item) => item.digest)).toEqual(expect.arrayContaining([second, third, future]));
    expect(plan.notes).toHaveLength(1);
  });

  it('H35 keeps both versions when a tag or a digest is listed twice', async () => {
    const at = sceneWith();
    const old = at.shapes.image('old', { tags: ['dev-1'] });
    const next = at.shapes.image('next');
    at.wait(10);
    at.state.live(next)?.tags.add('dev-1');
    expect(await doomed(at)).toEqual([]);
    expect([at.alive(old), at.alive(next)]).toEqual([true, true]);
  });
});
