import { createGitHubApi } from '@plimsoll/core/github/api';
import { GitHubPackage } from '@plimsoll/core/github/packages';
import { listCredentials } from '@plimsoll/core/oci/auth/credentials';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { createHttp } from '@plimsoll/core/runtime/http';
import { silentLog } from '@plimsoll/core/runtime/log';
import { applyDeletions } from '@plimsoll/core/stages/prune/apply';
import { noJournal } from '@plimsoll/core/stages/prune/journal';
import { makePlan } from '@plimsoll/core/stages/prune/planner';
import { registryManifests } from '@plimsoll/core/stages/prune/registry-manifests';
import { type PackagesRegistry, servePackages } from '@plimsoll/testkit/github/packages-registry';
import { verdictsOf } from '@plimsoll/testkit/github/prune-oracle';
import { randomScene } from '@plimsoll/testkit/github/prune-properties';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SEEDS = 100;

let world: World;
let registry: PackagesRegistry;

beforeAll(async () => {
  world = await startWorld({ parts: ['github'] });
  registry = await servePackages(world.lifetime, world.github.packages, { token: world.token });
});

afterAll(() => world.close());

/** Both planes of a random package, over HTTP. */
async function overSockets(seed: number) {
  const { scene, random } = randomScene(seed, 40);
  const pkg = `app-${seed}`;
  world.github.packages.adopt({ owner: 'acme', pkg }, scene.state);
  const { clock } = scene;
  const credentials = listCredentials([{ registry: registry.host, username: 'x', password: world.token }]);
  const http = createHttp();
  const api = createGitHubApi({ apiUrl: world.github.apiUrl, token: world.token, http, clock });
  const versions = await GitHubPackage.open(api, { owner: 'acme', name: pkg });
  const name = { registry: registry.host, repository: `acme/${pkg}` };
  const manifests = registryManifests(new Registries({ credentials, http, clock }), name);
  const request = { ...scene.request(), package: `${registry.host}/acme/${pkg}` };
  return { scene, random, request, ports: { versions, manifests, clock, log: silentLog, journal: noJournal } };
}

it('plans and deletes over HTTP what the oracle says', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { scene, request, ports } = await overSockets(seed);
    const { live, doomed } = verdictsOf(scene);
    const before = [...live].map((digest) => [digest, scene.state.missingBelow(digest)]);
    const planned = await makePlan(request, ports);
    expect([seed, planned.plan.delete.map((item) => item.digest).toSorted()]).toEqual([seed, [...doomed].toSorted()]);
    const { failure, deleted, refused } = await applyDeletions(planned.plan.delete, planned, ports);
    expect([seed, failure, deleted.length > 0 || refused.length > 0]).toEqual([seed, undefined, doomed.size > 0]);
    expect([seed, [...live].map((digest) => [digest, scene.state.missingBelow(digest)])]).toEqual([seed, before]);
  }
});

it('breaks nothing over HTTP while versions are tagged between the requests', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { scene, random, request, ports } = await overSockets(seed);
    const planned = await makePlan(request, ports);
    const kept = [...planned.plan.keep].map(({ digest }) => [digest, scene.state.missingBelow(digest)] as const);
    const used = new Map<string, readonly string[]>();
    let budget = 3;
    registry.onRequest = () => {
      const live = scene.state.list().map((one) => one.digest);
      if (budget === 0 || live.length === 0 || !random.chance(0.2)) return false;
      budget -= 1;
      const chosen = random.pick(live);
      scene.state.tag(`new-${budget}`, chosen);
      used.set(chosen, scene.state.missingBelow(chosen));
      return false;
    };
    const { failure } = await applyDeletions(planned.plan.delete, planned, ports);
    registry.onRequest = undefined;
    expect([undefined, 'prune-restored']).toContain((failure as { code?: string } | undefined)?.code);
    for (const [digest, missing] of [...kept, ...used])
      expect([seed, digest, scene.state.missingBelow(digest)]).toEqual([seed, digest, missing]);
  }
});
