import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { failureCode, type PruneBed, startPruneBed } from '@plimsoll/testkit/github/prune-bed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let bed: PruneBed;
let world: PruneBed['world'];
let state: PruneBed['state'];
let shapes: PruneBed['shapes'];
let prune: PruneBed['prune'];
let fleet: PruneBed['fleet'];
let alive: PruneBed['alive'];
beforeEach(async () => {
  bed = await startPruneBed();
  ({ world, state, shapes, prune, fleet, alive } = bed);
});

afterEach(() => bed[Symbol.asyncDispose]());

describe('one run of prune after another', () => {
  it('shows the plan of a first run, and deletes in the next', async () => {
    const { doomed } = fleet();
    state.delete(state.live(state.tags.get('plimsoll-prune') ?? '')?.id ?? 0);
    const first = await prune({ mode: 'apply' });
    expect([first.exitCode, first.outputs['planned'], first.outputs['deleted']]).toEqual([0, '7', '0']);
    expect(first.annotations.filter(({ level }) => level === 'warning')).toHaveLength(1);
    expect(first.summary).toContain('shown for the first time');
    expect(alive(doomed)).toHaveLength(doomed.length);
    const second = await prune({ mode: 'apply' });
    expect([second.exitCode, second.outputs['deleted'], alive(doomed)]).toEqual([0, '7', []]);
  });

  it('undoes a run by its journal, as often as it is asked', async () => {
    const { doomed } = fleet();
    const applied = await prune({ mode: 'apply' });
    expect(alive(doomed)).toEqual([]);
    const journal = applied.outputs['journal'] ?? '';
    const undone = await prune({ mode: 'restore', journal });
    expect([undone.exitCode, undone.outputs['restored'], failureCode(undone)]).toEqual([0, '7', undefined]);
    expect([alive(doomed).length, state.tags.get('dev-1'), state.broken()]).toEqual([7, doomed[0], []]);
    expect(undone.summary).toContain('Restored');
    const again = await prune({ mode: 'restore', journal });
    expect([again.exitCode, again.outputs['restored']]).toEqual([0, '0']);
    const runs = [
      await prune({ mode: 'restore' }),
      await prune({ mode: 'apply', journal }),
      await prune({ mode: 'restore', journal: applied.outputs['plan'] ?? '' }),
      await prune({ mode: 'restore', journal: '/nowhere.jsonl' }),
    ];
    expect(runs.map(failureCode)).toEqual(['input-missing', 'input-conflict', 'input-invalid', 'file-unreadable']);
  });

  it.each([1, 3, 7])('goes on in the next run when it is killed at deletion %i', async (number) => {
    const { kept, doomed } = fleet();
    const whole = [...kept, ...doomed].map((digest) => [digest, state.missingBelow(digest)] as const);
    const started = path.join(world.directory, `pid-${number}`);
    const killed = path.join(world.directory, `killed-${number}.mjs`);
    writeFileSync(
      killed,
      `import { writeFileSync } from 'node:fs';
       writeFileSync(${JSON.stringify(started)}, String(process.pid));
       await import(${JSON.stringify(path.resolve('dist/prune/index.js'))});`,
    );
    world.github.packages.onRequest = (request) => {
      const deletions = world.github.packages.count('DELETE', /./);
      if (request.method === 'DELETE' && deletions === number)
        process.kill(Number(readFileSync(started, 'utf8')), 'SIGKILL');
      return undefined;
    };
    const first = await prune({ mode: 'apply' }, { main: killed });
    expect(first.exitCode).toBe(137);
    world.github.packages.onRequest = undefined;
    const survivors = whole.filter(([digest]) => state.live(digest) !== undefined);
    expect(survivors.filter(([digest, missing]) => state.missingBelow(digest).length > missing.length)).toEqual([]);
    const second = await prune({ mode: 'apply' });
    expect([second.exitCode, alive(doomed), alive(kept).length]).toEqual([0, [], kept.length]);
    const { outputs } = await prune({ mode: 'restore', journal: second.outputs['journal'] ?? '' });
    expect([outputs['restored'], alive(doomed).length]).toEqual(['7', 7]);
  });

  it('waits when GitHub wants fewer deletions in a minute, and goes on with the same', async () => {
    const { doomed } = fleet();
    const { packages } = world.github;
    let deletions = 0;
    packages.onRequest = ({ method }) => {
      deletions += method === 'DELETE' ? 1 : 0;
      if (method !== 'DELETE' || ![2, 5, 6].includes(deletions)) return undefined;
      const body =
        '{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}';
      return { status: 403, headers: { 'retry-after': '1' }, body };
    };
    const run = await prune({ mode: 'apply' });
    packages.onRequest = undefined;
    expect([run.exitCode, run.outputs['deleted'], deletions]).toEqual([0, String(doomed.length), doomed.length + 3]);
    expect([alive(doomed), state.broken()]).toEqual([[], []]);
  });

  it('stops before the token is used up, and goes on when it may ask again', async () => {
    const { doomed } = fleet();
    for (let number = 0; number < 20; number += 1) shapes.image(`more ${number}`, { tags: [`dev-more-${number}`] });
    let budget = 60;
    const reset = Math.ceil(Date.now() / 1000) + 3_600;
    const { packages } = world.github;
    const handle = packages.handle.bind(packages);
    packages.handle = async (request) => {
      const answer = await handle(request);
      budget -= 1;
      const headers = {
        'x-ratelimit-limit': '200',
        'x-ratelimit-remaining': String(budget),
        'x-ratelimit-reset': String(reset),
      };
      return answer && { ...answer, headers: { ...answer.headers, ...headers } };
    };
    const first = await prune({ mode: 'apply' });
    expect([first.exitCode, Number(first.outputs['deleted']) + Number(first.outputs['postponed'])]).toEqual([0, 27]);
    expect([Number(first.outputs['deleted']) > 15, Number(first.outputs['postponed']) > 0, budget > 5]).toEqual([
      true,
      true,
      true,
    ]);
    expect(first.summary).toContain('one more run');
    expect(state.broken()).toEqual([]);
    budget = 200;
    const second = await prune({ mode: 'apply' });
    expect([second.outputs['deleted'], second.outputs['postponed']]).toEqual([first.outputs['postponed'], '0']);
    expect(alive(doomed)).toEqual([]);
  });
});
