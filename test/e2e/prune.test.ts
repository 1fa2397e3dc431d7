import { listCredentials } from '@plimsoll/core/oci/auth/credentials';
import { digestOf } from '@plimsoll/core/oci/digest';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterEach, beforeEach, expect, it } from 'vitest';

const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const POLICY = `
retention:
  channels:
    - { name: dev, match: [dev-*], keep: { last: 1 } }
  untagged: { delete-after: 0s }
  guards: { max-percent: 100 }
`;

let world: World;
let repository: Repository;

beforeEach(async () => {
  world = await startWorld({ parts: ['ghcr'] });
  const { host: registry, username, token: password } = world.ghcr;
  const registries = new Registries({ credentials: listCredentials([{ registry, username, password }]) });
  repository = registries.repository({ registry, repository: 'acme/app' }, 'push');
  world.github.setFile('acme/app', '.github/plimsoll.yml', POLICY);
});

afterEach(() => world.close());

async function push(mediaType: string, content: object, tag?: string) {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
  const manifest = { mediaType, digest: digestOf(bytes), bytes };
  await repository.putManifest(manifest, tag ?? manifest.digest);
  return { mediaType, digest: manifest.digest, size: bytes.length };
}

async function blob(mediaType: string, text: string) {
  const bytes = Buffer.from(text);
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await repository.putBlob(descriptor, async () =>
    (async function* () {
      yield bytes;
    })(),
  );
  return descriptor;
}

async function image(seed: string, more: object = {}) {
  const config = await blob('application/vnd.oci.image.config.v1+json', `{"seed":"${seed}"}`);
  const layer = await blob('application/vnd.oci.image.layer.v1.tar', `layer ${seed}`);
  return push(IMAGE, { config, layers: [layer], ...more });
}

/** Two platforms, one of them shared with every other image, and evidence under the fallback tag. */
async function release(seed: string, tag: string) {
  const children = [await image('shared'), await image(seed)];
  const index = await push(INDEX, { manifests: children }, tag);
  const evidence = await image(`evidence ${seed}`, { subject: index });
  const fallback = await push(INDEX, { manifests: [evidence] }, index.digest.replace(':', '-'));
  return {
    kept: [index, ...children, evidence, fallback].map(({ digest }) => digest),
    own: [index, children[1], evidence, fallback],
  };
}

it('brings back what it deleted of an image that was pushed meanwhile, platforms first and their index last', async () => {
  await release('final', 'v1.0.0');
  // Old orphans, as an interrupted push leaves them: pushing the same bytes again changes nothing that can be seen.
  for (const seed of ['amd64', 'arm64', 'litter']) await image(seed);
  const apply = () => runAction({ action: 'prune', inputs: { package: 'acme/app', mode: 'apply' }, world });
  expect((await apply()).outputs['planned']).toBe('3');
  const parts: Awaited<ReturnType<typeof image>>[] = [];
  let index: Awaited<ReturnType<typeof image>> | undefined;
  let looks = 0;
  const { packages } = world.github;
  const handle = packages.handle.bind(packages);
  packages.handle = async (request) => {
    const begun = parts.length > 0;
    if (request.method === 'DELETE' && !begun) {
      for (const seed of ['amd64', 'arm64', 'provenance']) parts.push(await image(seed));
    }
    looks += begun && request.target.includes('/versions?') ? 1 : 0;
    if (looks === 2) index ??= await push(INDEX, { manifests: parts }, 'v2.0.0');
    return handle(request);
  };
  const run = await apply();
  const failure = run.annotations.find(({ level }) => level === 'error')?.title;
  expect([run.exitCode, failure, run.outputs['restored']]).toEqual([1, 'Plimsoll prune-restored', '3']);
  const credentials = listCredentials([{ ...world.ghcr, registry: world.ghcr.host, password: world.ghcr.token }]);
  const fresh = new Registries({ credentials }).repository(repository.name);
  for (const { digest } of parts) expect(await fresh.resolve(digest)).toMatchObject({ digest });
  expect((await fresh.resolve('v2.0.0'))?.digest).toBe(index?.digest);
});

it('prunes what was really pushed, and the registry still serves every kept image', async () => {
  const old = await release('old', 'dev-1');
  const kept = await release('new', 'dev-2');
  const final = await release('final', 'v1.0.0');
  const apply = () => runAction({ action: 'prune', inputs: { package: 'acme/app', mode: 'apply' }, world });
  const first = await apply();
  expect([first.exitCode, first.outputs['planned'], first.outputs['deleted']]).toEqual([0, '4', '0']);
  const run = await apply();
  expect([run.exitCode, run.outputs['deleted'], run.outputs['kept']]).toEqual([0, '4', '10']);
  const fresh = new Registries({
    credentials: listCredentials([{ ...world.ghcr, registry: world.ghcr.host, password: world.ghcr.token }]),
  });
  const there = (digest: string) => fresh.repository(repository.name).resolve(digest);
  for (const digest of [...kept.kept, ...final.kept]) expect(await there(digest)).toMatchObject({ digest });
  for (const one of old.own) expect(await there(one?.digest ?? '')).toBeUndefined();
  expect((await fresh.repository(repository.name).tags()).includes('dev-1')).toBe(false);
});
