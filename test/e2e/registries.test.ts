import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { listCredentials } from '@plimsoll/core/oci/auth/credentials';
import { executeCopy } from '@plimsoll/core/oci/copy';
import { planCopy } from '@plimsoll/core/oci/copy-plan';
import { descriptorOf } from '@plimsoll/core/oci/manifest';
import { attachReferrers, type ReferrerManifest } from '@plimsoll/core/oci/referrers';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { run } from '@plimsoll/core/runtime/exec';
import { createHttp } from '@plimsoll/core/runtime/http';
import { blobOf, emptyBlob, indexOf, manifestOf } from '@plimsoll/testkit/registry/fixtures';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let world: World;
let docker: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr', 'quay'], tools: ['crane'] });
  docker = path.join(world.directory, 'crane');
  mkdirSync(docker);
  const auth = (user: string, secret: string) => ({ auth: Buffer.from(`${user}:${secret}`).toString('base64') });
  const { ghcr, quay } = world;
  const auths = { [ghcr.host]: auth(ghcr.username, ghcr.token), [quay.host]: auth(quay.username, quay.password) };
  writeFileSync(path.join(docker, 'config.json'), JSON.stringify({ auths }));
});

afterAll(() => world.close());

/** As a new run sees it: nothing learned, nothing cached. */
function repository(host: string, name: string): Repository {
  const { ghcr, quay } = world;
  const http = createHttp({ extraCa: readFileSync(quay.caFile, 'utf8') });
  const entries = [
    { registry: ghcr.host, username: ghcr.username, password: ghcr.token },
    { registry: quay.host, username: quay.username, password: quay.password },
  ];
  return new Registries({ http, credentials: listCredentials(entries) }).repository({
    registry: host,
    repository: name,
  });
}

async function crane(...args: string[]): Promise<string> {
  const command = world.tools.crane ?? 'crane';
  const { stdout } = await run(command, args, {
    env: { DOCKER_CONFIG: docker, SSL_CERT_FILE: world.quay.caFile, HOME: docker },
  });
  return stdout.trim();
}

function evidence(about: string): ReferrerManifest[] {
  return ['signature', 'sbom', 'provenance'].map((kind) => ({
    artifactType: `application/vnd.example.${kind}`,
    annotations: { about },
    blobs: [{ mediaType: `application/vnd.example.${kind}`, bytes: Buffer.from(`${kind} of ${about}`) }],
  }));
}

/** Two platforms that share a layer, evidence on each and on the index, and evidence on a piece of evidence. */
async function publish(target: Repository) {
  const layers = Array.from({ length: 5 }, (_, n) => blobOf(`layer ${n} `.repeat(10_000)));
  const descriptors = layers.map(({ descriptor }) => descriptor);
  const platforms = [
    manifestOf('one', { layers: descriptors.slice(0, 3) }),
    manifestOf('two', { layers: descriptors.slice(2) }),
  ];
  const index = indexOf(...platforms);
  await Promise.all([emptyBlob, ...layers].map(({ descriptor, open }) => target.putBlob(descriptor, open)));
  await Promise.all(platforms.map((platform) => target.putManifest(platform)));
  await target.putManifest(index, 'v1');
  for (const node of [index, ...platforms]) await attachReferrers(target, descriptorOf(node), evidence(node.digest));
  const [first] = await target.referrers(index.digest);
  if (first !== undefined) await attachReferrers(target, first, evidence(first.digest).slice(0, 1));
  return { index, platforms, nodes: [index, ...platforms] };
}

describe('a registry without the referrers API and one with TLS, HTTP/2 and the API', () => {
  it('hold the same graph after a copy, and other clients agree', async () => {
    const { ghcr, quay } = world;
    const before = quay.front.requests.length;
    const { index, nodes } = await publish(repository(ghcr.host, 'acme/app'));
    const [source, target] = [repository(ghcr.host, 'acme/app'), repository(quay.host, 'acme/app')];
    const plan = await planCopy({ source, target, root: descriptorOf(index), referrers: true });
    const result = await executeCopy(plan, { source, target });
    await target.putManifest(index, 'v1');
    const asked = quay.front.requests.slice(before);
    expect(new Set(asked.map(({ httpVersion }) => httpVersion))).toEqual(new Set(['2.0']));
    // One token to look whether anything is there, and one to write.
    expect(asked.filter((request) => request.path.includes('/auth?'))).toHaveLength(2);
    expect(result).toMatchObject({ digest: index.digest, manifests: 13, referrers: 10, bytesPresent: 0 });
    expect(await crane('digest', `${quay.host}/acme/app:v1`)).toBe(await crane('digest', `${ghcr.host}/acme/app:v1`));
    for (const node of nodes) expect(await repository(quay.host, 'acme/app').referrers(node.digest)).toHaveLength(3);
  });

  it('come back unharmed to a registry without the API, each fallback tag written once', async () => {
    const { ghcr, quay } = world;
    const { index, nodes } = await publish(repository(quay.host, 'acme/back'));
    const [source, target] = [repository(quay.host, 'acme/back'), repository(ghcr.host, 'acme/back')];
    const before = ghcr.front.requests.length;
    const plan = await planCopy({ source, target, root: descriptorOf(index), referrers: true });
    await executeCopy(plan, { source, target });
    const writes = ghcr.front.requests
      .slice(before)
      .filter(({ method, path: asked }) => method === 'PUT' && asked.includes('/manifests/sha256-'));
    expect(writes).toHaveLength(4);
    for (const node of nodes) expect(await repository(ghcr.host, 'acme/back').referrers(node.digest)).toHaveLength(3);
  });

  it('are not written to a second time', async () => {
    const { ghcr, quay } = world;
    const { index } = await publish(repository(ghcr.host, 'acme/twice'));
    for (const moved of [true, false]) {
      const [source, target] = [repository(ghcr.host, 'acme/twice'), repository(quay.host, 'acme/twice')];
      const before = quay.front.requests.length;
      const plan = await planCopy({ source, target, root: descriptorOf(index), referrers: true });
      expect((await executeCopy(plan, { source, target })).bytesMoved > 0).toBe(moved);
      const written = quay.front.requests.slice(before).filter(({ method }) => !['GET', 'HEAD'].includes(method));
      expect(written.length > 0).toBe(moved);
    }
  });

  it('mount instead of sending where they hold the blob already', async () => {
    const { ghcr } = world;
    const { index } = await publish(repository(ghcr.host, 'acme/staging'));
    const [source, target] = [repository(ghcr.host, 'acme/staging'), repository(ghcr.host, 'acme/release')];
    const before = ghcr.front.requests.length;
    const plan = await planCopy({ source, target, root: descriptorOf(index), referrers: true });
    await executeCopy(plan, { source, target, mountFrom: 'acme/staging' });
    const blobs = ghcr.front.requests.slice(before).filter(({ path: asked }) => asked.includes('/blobs/uploads/'));
    expect(new Set(blobs.map(({ method }) => method))).toEqual(new Set(['POST']));
    await target.putManifest(index, 'v1');
    expect(await crane('digest', `${ghcr.host}/acme/release:v1`)).toBe(index.digest);
  });

  it('read what another client pushed', async () => {
    const { ghcr, quay } = world;
    const { index } = await publish(repository(ghcr.host, 'acme/other'));
    await crane('copy', `${ghcr.host}/acme/other:v1`, `${quay.host}/acme/other:v2`);
    const target = repository(quay.host, 'acme/other');
    expect((await target.resolve('v2'))?.digest).toBe(index.digest);
    expect(await target.tags()).toEqual(['v2']);
    expect(await repository(quay.host, 'acme/nothing').tags()).toEqual([]);
    expect(await repository(ghcr.host, 'acme/nothing').tags()).toEqual([]);
  });
});
