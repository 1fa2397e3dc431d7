import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import { executeCopy } from '@plimsoll/core/oci/copy';
import { planCopy } from '@plimsoll/core/oci/copy-plan';
import type { Descriptor } from '@plimsoll/core/oci/descriptor';
import { descriptorOf } from '@plimsoll/core/oci/manifest';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { type RunResult, run } from '@plimsoll/core/runtime/exec';
import { blobOf, emptyBlob, indexOf, manifestOf } from '@plimsoll/testkit/registry/fixtures';
import { distributionOnPort } from '@plimsoll/testkit/world/registry/distribution';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let world: World;
let from: string;
let to: string;
let home: string;

beforeAll(async () => {
  world = await startWorld({ parts: [], tools: ['cosign', 'registry'] });
  home = path.join(world.directory, 'cosign');
  mkdirSync(home);
  [from = '', to = ''] = await Promise.all(
    ['legacy-source', 'legacy-destination'].map((name) =>
      distributionOnPort(world.lifetime, world.tools.registry ?? '', { name }),
    ),
  );
  for (const key of ['one', 'two']) await cosign('generate-key-pair', '--output-key-prefix', path.join(home, key));
});

afterAll(() => world.close());

function cosign(...args: string[]): Promise<RunResult> {
  const env = { HOME: home, COSIGN_PASSWORD: '', PATH: '/usr/bin:/bin' };
  return run(world.tools.cosign ?? '', args, { env, cwd: home });
}

const LEGACY = ['--use-signing-config=false', '--new-bundle-format=false', '--tlog-upload=false', '--yes'];
const PLAIN = ['--allow-http-registry', '--allow-insecure-registry'];

/** In the format of before bundles: tags that are named after the digest. */
const sign = (key: string, image: string) =>
  cosign('sign', ...LEGACY, ...PLAIN, '--key', path.join(home, `${key}.key`), image);
const attest = (key: string, image: string) => {
  const predicate = path.join(home, `${key}.json`);
  writeFileSync(predicate, JSON.stringify({ by: key }));
  const about = ['--type', 'custom', '--predicate', predicate];
  return cosign('attest', ...LEGACY, ...PLAIN, ...about, '--key', path.join(home, `${key}.key`), image);
};
const verify = (what: 'verify' | 'verify-attestation', key: string, image: string) => {
  const kind = what === 'verify' ? [] : ['--type', 'custom'];
  const offline = ['--insecure-ignore-tlog', '--new-bundle-format=false', ...PLAIN];
  return cosign(what, ...offline, ...kind, '--key', path.join(home, `${key}.pub`), image);
};

function repository(host: string, name: string): Repository {
  return new Registries({ credentials: noCredentials }).repository({ registry: host, repository: name }, 'push');
}

async function publish(target: Repository): Promise<Descriptor> {
  const layer = blobOf('layer of a signed image');
  const platform = manifestOf('signed', { layers: [layer.descriptor] });
  const index = indexOf(platform);
  for (const { descriptor, open } of [emptyBlob, layer]) await target.putBlob(descriptor, open);
  await target.putManifest(platform);
  await target.putManifest(index, 'v1');
  return descriptorOf(index);
}

async function copy(name: string, root: Descriptor) {
  const [source, target] = [repository(from, name), repository(to, name)];
  const plan = await planCopy({ source, target, root, referrers: true });
  return executeCopy(plan, { source, target });
}

describe('signatures and attestations under tags', () => {
  it('come along, and cosign accepts them at the destination', async () => {
    const root = await publish(repository(from, 'acme/old'));
    const [source, target] = [from, to].map((host) => `${host}/acme/old@${root.digest}`) as [string, string];
    await sign('one', source);
    await attest('one', source);
    await copy('acme/old', root);
    await verify('verify', 'one', target);
    await verify('verify-attestation', 'one', target);
    await expect(verify('verify', 'two', target)).rejects.toMatchObject({ code: 'tool-failed' });
  });

  it('of both ends stand beside each other after a copy, and stay so after the next', async () => {
    const root = await publish(repository(from, 'acme/both'));
    await publish(repository(to, 'acme/both'));
    const [source, target] = [from, to].map((host) => `${host}/acme/both@${root.digest}`) as [string, string];
    for (const act of [sign, attest]) {
      await act('one', source);
      await act('two', target);
    }
    for (let time = 0; time < 2; time += 1) {
      await copy('acme/both', root);
      for (const key of ['one', 'two']) {
        expect(await verify('verify', key, target)).toMatchObject({ exitCode: 0 });
        expect(await verify('verify-attestation', key, target)).toMatchObject({ exitCode: 0 });
      }
    }
    // Cosign itself can add to what was united.
    await sign('one', target);
    expect(await verify('verify', 'two', target)).toMatchObject({ exitCode: 0 });
  });
});
