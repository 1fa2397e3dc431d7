import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fallbackTag, Shapes } from '@plimsoll/testkit/github/image-shapes';
import type { PackageState } from '@plimsoll/testkit/github/package-state';
import { PackagesEmulator } from '@plimsoll/testkit/github/packages-emulator';
import { type PackagesRegistry, servePackages } from '@plimsoll/testkit/github/packages-registry';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const DAY = 86_400_000;
const POLICY = `
retention:
  channels:
    - { name: dev, match: [dev-*], keep: { last: 0 } }
  guards: { max-percent: 100 }
`;

let world: World;
let registry: PackagesRegistry;
let state: PackageState;
let shapes: Shapes;

beforeEach(async () => {
  world = await startWorld({ parts: ['github'] });
  registry = await servePackages(world.lifetime, world.github.packages, { token: world.token });
  world.github.setFile('acme/app', '.github/plimsoll.yml', POLICY);
  // Pushed ten days ago, so that nothing is kept only because it is young.
  const emulator = new PackagesEmulator({ now: () => Date.now() - 10 * DAY });
  state = emulator.package({ owner: 'acme', pkg: 'app' });
  world.github.packages.adopt({ owner: 'acme', pkg: 'app' }, state);
  shapes = new Shapes(state);
});

afterEach(() => world.close());

function prune(inputs: Record<string, string> = {}, env: Record<string, string> = {}): Promise<ActionRun> {
  const variables = { PLIMSOLL_GHCR_HOST: registry.host, ...env };
  return runAction({ action: 'prune', inputs: { package: 'acme/app', ...inputs }, world, env: variables });
}

function code(run: ActionRun): string | undefined {
  return run.annotations.find((annotation) => annotation.level === 'error')?.title?.replace('Plimsoll ', '');
}

/** A kept release with a signature, a doomed image with one, and something nobody needs. */
function fleet(): { kept: string[]; doomed: string[] } {
  shapes.record();
  const release = shapes.multiPlatform('release', { tags: ['v1.0.0', 'latest'] });
  const signature = shapes.image('s1', { tags: [fallbackTag(release.index, '.sig')] });
  const old = shapes.multiPlatform('old', { tags: ['dev-1'] });
  const oldSignature = shapes.image('s2', { tags: [fallbackTag(old.index, '.sig')] });
  const orphan = shapes.image('orphan');
  return {
    kept: [release.index, ...release.children, signature],
    doomed: [old.index, ...old.children, oldSignature, orphan],
  };
}

const alive = (digests: readonly string[]) => digests.filter((digest) => state.live(digest) !== undefined);

describe('prune', () => {
  it('plans by default and deletes nothing', async () => {
    const { doomed } = fleet();
    const run = await prune();
    expect([run.exitCode, code(run)]).toEqual([0, undefined]);
    const plan = JSON.parse(readFileSync(run.outputs['plan'] ?? '', 'utf8')) as { delete: { digest: string }[] };
    expect(plan.delete.map((item) => item.digest).toSorted()).toEqual(doomed.toSorted());
    expect(run.outputs).toMatchObject({ planned: '7', deleted: '0', kept: '7' });
    expect(Number(run.outputs['reclaimed-bytes'])).toBeGreaterThan(0);
    expect(run.summary).toContain('Prune plan');
    expect(world.github.packages.count('DELETE', /./)).toBe(0);
  });

  it('applies, and leaves every kept image whole', async () => {
    const { kept, doomed } = fleet();
    const run = await prune({ mode: 'apply' });
    expect([run.exitCode, code(run)]).toEqual([0, undefined]);
    expect(run.outputs).toMatchObject({ planned: '7', deleted: '7', kept: '7' });
    expect([alive(kept).length, alive(doomed)]).toEqual([kept.length, []]);
    expect(state.broken()).toEqual([]);
    const lines = run.log.split('\n').filter((line) => !line.startsWith('::add-mask::'));
    expect(lines.join('\n')).not.toContain(world.token);
  });

  it('applies a plan made earlier, and only that', async () => {
    const { doomed } = fleet();
    const { outputs } = await prune();
    const later = shapes.image('later', { tags: ['dev-2'] });
    const run = await prune({ mode: 'apply', plan: outputs['plan'] ?? '' });
    expect([run.exitCode, run.outputs['deleted']]).toEqual([0, '7']);
    expect(alive([...doomed, later])).toEqual([later]);
    const again = await prune({ mode: 'apply', plan: outputs['plan'] ?? '' });
    expect([again.exitCode, again.outputs['deleted']]).toEqual([0, '0']);
  });

  it('refuses a plan that no longer fits, was edited, or is of another package', async () => {
    const { doomed } = fleet();
    const { outputs, temp } = await prune();
    const file = outputs['plan'] ?? '';
    const edited = path.join(temp, 'edited.json');
    writeFileSync(edited, readFileSync(file, 'utf8').replace('dev/expired', 'dev/expiree'));
    world.github.packages.adopt({ owner: 'acme', pkg: 'other' }, state);
    state.tag('v2.0.0', doomed[0] ?? '');
    const runs = [
      await prune({ mode: 'apply', plan: file }),
      await prune({ mode: 'apply', plan: edited }),
      await prune({ mode: 'apply', plan: file, package: 'acme/other' }),
      await prune({ mode: 'apply', plan: path.join(temp, 'nowhere.json') }),
      await prune({ plan: file }),
    ];
    expect(runs.map((run) => [run.exitCode, code(run)])).toEqual([
      [1, 'prune-drift'],
      [1, 'input-invalid'],
      [1, 'input-invalid'],
      [1, 'file-unreadable'],
      [1, 'input-conflict'],
    ]);
    expect(alive(doomed)).toHaveLength(doomed.length);
  });

  it('stops at the guards with the plan written', async () => {
    const { doomed } = fleet();
    const many = await prune({ mode: 'apply', 'max-deletes': '6' });
    const share = await prune({ mode: 'apply', 'max-percent': '40' });
    expect([code(many), code(share)]).toEqual(['prune-guard', 'prune-guard']);
    expect([many.outputs['planned'], many.outputs['deleted'], many.outputs['kept']]).toEqual(['7', '0', '14']);
    expect(readFileSync(many.outputs['plan'] ?? '', 'utf8')).toContain('"delete"');
    expect(alive(doomed)).toHaveLength(doomed.length);
  });

  it('reads each manifest once, whatever runs come after, and says why what was asked for goes or stays', async () => {
    const { kept, doomed } = fleet();
    const reads = () =>
      registry.requests.filter(({ method, path: at }) => method === 'GET' && at.includes('/manifests/')).length;
    const cache = path.join(world.directory, 'manifests');
    await prune({ 'manifest-cache': cache });
    const cold = reads();
    const { shown, summary } = await prune({ 'manifest-cache': cache, explain: `dev-1, ${kept[1]}` });
    expect([cold > 0, reads()]).toEqual([true, cold]);
    for (const text of [shown, summary]) {
      expect(text).toContain('dev-1: to be deleted by the rule dev/expired');
      expect(text).toContain(`${kept[1]}: kept by the rule`);
    }
    expect((await prune({ mode: 'apply', 'manifest-cache': cache })).outputs['deleted']).toBe(String(doomed.length));
  });

  describe('what is in use elsewhere', () => {
    const GITHUB_POLICY = `
retention:
  channels:
    - { name: pr, match: [pr-*], keep: { while: pull-request-open } }
    - { name: branch, match: [branch-*], keep: { while: branch-exists } }
    - { name: dev, match: [dev-*, sha-*], keep: { last: 0 } }
  protect:
    files: [deploy/*.yaml]
    deployments: { environments: [production], keep: 1 }
  guards: { max-percent: 100 }
`;
    const COMMIT = 'c0ffee'.repeat(6) + 'c0ff';
    const answers = new Map<string, unknown>();

    /** Images in use and one that is not, and what GitHub says of them. */
    function inUse() {
      world.github.setFile('acme/app', '.github/plimsoll.yml', GITHUB_POLICY);
      const kept = ['pr-7', 'branch-feature-x', `sha-${COMMIT}`, 'dev-failed', 'dev-pinned'];
      const gone = ['pr-8', 'branch-old', 'dev-free', 'dev-before'];
      for (const tag of [...kept, ...gone]) shapes.multiPlatform(tag, { tags: [tag] });
      const cwd = path.join(world.directory, 'checkout');
      mkdirSync(path.join(cwd, 'deploy'), { recursive: true });
      writeFileSync(path.join(cwd, 'deploy', 'app.yaml'), `image: ${registry.host}/acme/app:dev-pinned\n`);
      const deployment = (id: number, more: object) => ({
        id,
        sha: '0'.repeat(40),
        ref: 'main',
        payload: {},
        description: null,
        ...more,
      });
      answers.set('pulls', [{ number: 7 }]);
      answers.set('branches', [{ name: 'main' }, { name: 'feature/x' }]);
      answers.set('deployments', [
        deployment(3, { payload: { image: `${registry.host}/acme/app:dev-failed` } }),
        deployment(2, { sha: COMMIT }),
        deployment(1, { ref: 'dev-before' }),
      ]);
      answers.set('statuses', [{ state: 'failure' }]);
      world.github.intercept = ({ path: at }) => {
        const name = /^\/repos\/acme\/app\/(?:deployments\/(\d+)\/)?(\w+)\?/.exec(at);
        const body = name?.[1] === '2' ? [{ state: 'success' }] : answers.get(name?.[2] ?? '');
        return body === undefined ? undefined : { status: 200, body };
      };
      return { cwd, kept, gone };
    }

    const variables = () => ({ PLIMSOLL_GHCR_HOST: registry.host });
    const planIn = (cwd: string) =>
      runAction({ action: 'prune', inputs: { package: 'acme/app' }, world, env: variables(), cwd });

    it('keeps pins, deployments, open pull requests and branches', async () => {
      const { cwd, kept, gone } = inUse();
      const run = await planIn(cwd);
      expect([run.exitCode, code(run)]).toEqual([0, undefined]);
      const plan = JSON.parse(readFileSync(run.outputs['plan'] ?? '', 'utf8')) as {
        delete: { tags: string[] }[];
        keep: { tags: string[]; rule: string }[];
      };
      const tagsOf = (items: readonly { tags: string[] }[]) => items.flatMap((item) => item.tags).toSorted();
      expect([tagsOf(plan.delete), tagsOf(plan.keep)]).toEqual([gone.toSorted(), kept.toSorted()]);
      const rules = new Map(plan.keep.map((item) => [item.tags[0], item.rule]));
      expect(kept.map((tag) => rules.get(tag))).toEqual([
        'pr/pull-request-open',
        'branch/branch-exists',
        'protect/deployed-to-production',
        'protect/deployed-to-production',
        'protect/file deploy/app.yaml',
      ]);
    });

    it.each(['pulls', 'branches', 'deployments', 'statuses'])(
      'stops when GitHub does not show the %s',
      async (name) => {
        const { cwd } = inUse();
        const honest = world.github.intercept;
        world.github.intercept = (request) =>
          request.path.includes(`/${name}?`)
            ? { status: 403, body: { message: 'Resource not accessible by integration' } }
            : honest?.(request);
        const run = await planIn(cwd);
        expect([run.exitCode, code(run)]).toEqual([1, 'github-denied']);
        expect(run.shown).toMatch(/pull-requests: read|deployments: read/);
      },
    );

    it('stops without the checkout that holds the files, and when a repository has no branches', async () => {
      const { cwd } = inUse();
      expect(code(await prune())).toBe('file-unreadable');
      answers.set('branches', []);
      expect(code(await planIn(cwd))).toBe('github-protocol');
    });
  });

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
    expect([undone.exitCode, undone.outputs['restored'], code(undone)]).toEqual([0, '7', undefined]);
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
    expect(runs.map(code)).toEqual(['input-missing', 'input-conflict', 'input-invalid', 'file-unreadable']);
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
    const variables = { PLIMSOLL_GHCR_HOST: registry.host };
    const inputs = { package: 'acme/app', mode: 'apply' };
    const first = await runAction({ action: 'prune', inputs, world, env: variables, main: killed });
    expect(first.exitCode).toBe(137);
    world.github.packages.onRequest = undefined;
    const survivors = whole.filter(([digest]) => state.live(digest) !== undefined);
    expect(survivors.filter(([digest, missing]) => state.missingBelow(digest).length > missing.length)).toEqual([]);
    const second = await prune({ mode: 'apply' });
    expect([second.exitCode, alive(doomed), alive(kept).length]).toEqual([0, [], kept.length]);
    const { outputs } = await prune({ mode: 'restore', journal: second.outputs['journal'] ?? '' });
    expect([outputs['restored'], alive(doomed).length]).toEqual(['7', 7]);
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

  it('reads no manifest when the policy dooms nothing', async () => {
    shapes.image('a', { tags: ['v1.0.0'] });
    const run = await prune({ mode: 'apply' });
    expect([run.exitCode, run.outputs['planned']]).toEqual([0, '0']);
    expect(registry.requests).toEqual([]);
  });

  it.each([
    [{ package: '' }, 'input-missing'],
    [{ package: 'quay.io/acme/app', driver: 'github' }, 'input-invalid'],
    [{ package: 'app' }, 'input-invalid'],
    [{ package: 'acme/app:v1' }, 'reference-invalid'],
    [{ mode: 'delete' }, 'input-invalid'],
    [{ 'max-percent': '101' }, 'input-invalid'],
    [{ 'max-deletes': 'many' }, 'input-invalid'],
    [{ 'dry-run': 'true' }, 'input-unknown'],
    [{ package: 'acme/nothing' }, 'package-not-found'],
  ])('refuses %j with %s', async (inputs, expected) => {
    const run = await prune(inputs);
    expect([run.exitCode, code(run)]).toEqual([1, expected]);
  });

  it('says which token is needed, and deletes nothing else, when the Admin role is missing', async () => {
    const { doomed } = fleet();
    world.github.packages.onRequest = (request) =>
      request.method === 'DELETE' ? { status: 404, headers: {}, body: '{"message":"Package not found."}' } : undefined;
    const run = await prune({ mode: 'apply' });
    expect([run.exitCode, code(run)]).toEqual([1, 'github-denied']);
    expect(run.shown).toContain('packages: write');
    expect(world.github.packages.count('DELETE', /./)).toBe(1);
    expect(alive(doomed)).toHaveLength(doomed.length);
  });

  it('spares what is tagged between the plan and its deletion', async () => {
    const { kept } = fleet();
    const late = shapes.multiPlatform('late', { tags: ['dev-9'] });
    let tagged = false;
    registry.onRequest = (request) => {
      // The tags are listed once for the plan; the second time is just before the first batch.
      const looks = registry.requests.filter((one) => one.path.includes('/tags/list')).length;
      if (looks === 2 && !tagged && request.path.includes('/tags/list')) state.tag('v2.0.0', late.index);
      tagged ||= looks === 2;
      return false;
    };
    const run = await prune({ mode: 'apply' });
    expect(run.exitCode).toBe(0);
    expect(alive([late.index, ...late.children, ...kept])).toHaveLength(5 + kept.length);
    expect(state.broken()).toEqual([]);
  });

  it('stops with the policy file at fault, naming the place', async () => {
    fleet();
    world.github.setFile(
      'acme/app',
      '.github/plimsoll.yml',
      POLICY.replace('dev-*', 'dev-[').replace('[dev-[]', '["dev-["]'),
    );
    const run = await prune();
    expect([run.exitCode, code(run)]).toEqual([1, 'policy-invalid']);
    expect(world.github.packages.requests.filter((request) => request.target.includes('/packages/'))).toEqual([]);
  });
});
