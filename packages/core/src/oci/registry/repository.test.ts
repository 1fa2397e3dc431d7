import {
  type MemoryRegistry,
  type MemoryRegistryOptions,
  startMemoryRegistry,
} from '@plimsoll/testkit/registry/memory-registry';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../runtime/clock.ts';
import { listCredentials, noCredentials } from '../auth/credentials.ts';
import { readBytes } from '../checked-stream.ts';
import type { ByteStream, ManifestBlob } from '../content.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, digestOf } from '../digest.ts';
import { EMPTY, OCI_MANIFEST } from '../media-types.ts';
import { Registries } from './registries.ts';
import type { Repository } from './repository.ts';

const registries: MemoryRegistry[] = [];

async function start(options: MemoryRegistryOptions = {}): Promise<MemoryRegistry> {
  const registry = await startMemoryRegistry(options);
  registries.push(registry);
  return registry;
}

afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.stop();
});

/** A clock that never waits, and says how long it would have. */
class QuickClock implements Clock {
  readonly waits: number[] = [];
  #now = Date.parse('2026-11-21T00:00:00Z');

  now(): Date {
    return new Date(this.#now);
  }

  sleep(milliseconds: number): Promise<void> {
    this.waits.push(milliseconds);
    this.#now += milliseconds;
    return Promise.resolve();
  }
}

interface Connected {
  readonly repository: Repository;
  readonly clock: QuickClock;
}

function connect(registry: MemoryRegistry, password?: string): Connected {
  const clock = new QuickClock();
  const entries = password === undefined ? [] : [{ registry: registry.host, username: 'user', password }];
  const credentials = password === undefined ? noCredentials : listCredentials(entries);
  const repository = new Registries({ credentials, clock }).repository({
    registry: registry.host,
    repository: 'acme/app',
  });
  return { repository, clock };
}

function blobOf(text: string): { bytes: Buffer; descriptor: Descriptor; open: () => Promise<ByteStream> } {
  const bytes = Buffer.from(text);
  const descriptor = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length };
  return { bytes, descriptor, open: () => Promise.resolve(streamOf(bytes)) };
}

async function* streamOf(bytes: Buffer): ByteStream {
  for (let at = 0; at < bytes.length; at += 4) yield bytes.subarray(at, at + 4);
}

const empty = blobOf('{}');

function manifestOf(name: string): ManifestBlob {
  const config = { ...empty.descriptor, mediaType: EMPTY };
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [], annotations: { name } }),
  );
  return { mediaType: OCI_MANIFEST, bytes, digest: digestOf(bytes) };
}

function store(registry: MemoryRegistry, name: string, tag?: string): ManifestBlob {
  const manifest = manifestOf(name);
  const repository = registry.repository('acme/app');
  repository.manifests.set(manifest.digest, manifest);
  if (tag !== undefined) repository.tags.set(tag, manifest.digest);
  return manifest;
}

/** `GET manifest` and so on, without the base of the API. */
function wire(registry: MemoryRegistry): string[] {
  return registry.requests.filter(({ kind }) => kind !== 'base').map(({ method, kind }) => `${method} ${kind}`);
}

const failure = (code: string) => expect.objectContaining({ code });
const error = (code: string, message = 'no') => JSON.stringify({ errors: [{ code, message }] });

describe('manifests', () => {
  it('are stored, tagged and read back, each byte proven', async () => {
    const registry = await start();
    const { repository } = connect(registry);
    const manifest = manifestOf('one');
    await repository.putBlob(empty.descriptor, empty.open);
    await repository.putManifest(manifest);
    await repository.putManifest(manifest, 'v1');
    const other = connect(registry).repository;
    expect(await other.manifest('v1')).toEqual(manifest);
    expect(await other.resolve('v1')).toEqual({
      mediaType: OCI_MANIFEST,
      digest: manifest.digest,
      size: manifest.bytes.length,
    });
  });

  it('are asked for once by digest, also at the same time', async () => {
    const registry = await start();
    const manifest = store(registry, 'one');
    const { repository } = connect(registry);
    await Promise.all([repository.manifest(manifest.digest), repository.manifest(manifest.digest)]);
    await repository.manifest(manifest.digest);
    await repository.resolve(manifest.digest);
    expect(wire(registry)).toEqual(['GET manifest']);
  });

  it('are absent only on 404', async () => {
    const registry = await start();
    const { repository } = connect(registry);
    expect(await repository.resolve('nope')).toBeUndefined();
    await expect(repository.manifest('nope')).rejects.toEqual(failure('registry-not-found'));
    registry.onRequest = () => ({ status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' });
    await expect(repository.resolve('nope')).rejects.toEqual(failure('registry-protocol'));
  });

  it('that do not match the digest asked for are refused', async () => {
    const registry = await start();
    const manifest = store(registry, 'one', 'v1');
    registry.repository('acme/app').manifests.set(manifest.digest, manifestOf('other'));
    const { repository } = connect(registry);
    await expect(repository.manifest(manifest.digest)).rejects.toEqual(failure('digest-mismatch'));
    await expect(repository.manifest('v1')).rejects.toEqual(failure('digest-mismatch'));
  });

  it('that break on the way are asked for again', async () => {
    const registry = await start();
    const manifest = store(registry, 'one', 'v1');
    let breaks = 2;
    registry.onRequest = ({ kind }) => (kind === 'manifest' && (breaks -= 1) >= 0 ? { truncate: 10 } : undefined);
    expect((await connect(registry).repository.manifest('v1')).digest).toBe(manifest.digest);
  });

  it('are resolved by GET where HEAD says too little', async () => {
    const registry = await start();
    const manifest = store(registry, 'one', 'v1');
    registry.onRequest = ({ method }) => (method === 'HEAD' ? { status: 200 } : undefined);
    expect((await connect(registry).repository.resolve('v1'))?.digest).toBe(manifest.digest);
  });

  it('are deleted by digest', async () => {
    const registry = await start();
    const manifest = store(registry, 'one', 'v1');
    const { repository } = connect(registry);
    await repository.deleteManifest(manifest.digest);
    await repository.deleteManifest(manifest.digest);
    expect(registry.repository('acme/app').tags.size).toBe(0);
  });
});

describe('blobs', () => {
  const blob = blobOf('0123456789'.repeat(1000));

  it('go up in one piece with their length, and only once', async () => {
    const registry = await start();
    const { repository } = connect(registry);
    await Promise.all([repository.putBlob(blob.descriptor, blob.open), repository.putBlob(blob.descriptor, blob.open)]);
    await repository.putBlob(blob.descriptor, blob.open);
    expect(wire(registry).filter((line) => line !== 'HEAD blob')).toEqual(['POST upload', 'PUT upload']);
    const put = registry.requests.find(({ method }) => method === 'PUT');
    expect(put?.headers).toMatchObject({ 'content-length': '10000' });
    expect(put?.headers['transfer-encoding']).toBeUndefined();
    expect(put?.query.get('_state')).toBe('a/b=');
    expect(registry.repository('acme/app').blobs.get(blob.descriptor.digest)).toEqual(blob.bytes);
  });

  it('that are there are not sent', async () => {
    const registry = await start();
    registry.repository('acme/app').blobs.set(blob.descriptor.digest, blob.bytes);
    await connect(registry).repository.putBlob(blob.descriptor, blob.open);
    expect(wire(registry)).toEqual(['HEAD blob']);
  });

  it('are mounted from a repository that has them, without sending a byte', async () => {
    const registry = await start({ auth: 'bearer' });
    registry.repository('acme/base').blobs.set(blob.descriptor.digest, blob.bytes);
    await connect(registry, 'password').repository.putBlob(blob.descriptor, blob.open, { from: 'acme/base' });
    expect(wire(registry)).toEqual(['GET token', 'POST upload']);
    expect(registry.requests.find(({ kind }) => kind === 'token')?.query.getAll('scope')).toEqual([
      'repository:acme/app:pull,push',
      'repository:acme/base:pull',
    ]);
  });

  it('are sent where the registry will not mount', async () => {
    const registry = await start({ mount: false });
    await connect(registry).repository.putBlob(blob.descriptor, blob.open, { from: 'acme/base' });
    expect(wire(registry)).toEqual(['POST upload', 'PUT upload']);
    expect(registry.repository('acme/app').blobs.size).toBe(1);
  });

  it('are sent where the registry refuses to talk about mounting', async () => {
    const registry = await start();
    registry.onRequest = ({ query }) => (query.has('mount') ? { status: 403, body: error('DENIED') } : undefined);
    await connect(registry).repository.putBlob(blob.descriptor, blob.open, { from: 'acme/base' });
    expect(registry.repository('acme/app').blobs.size).toBe(1);
  });

  it.each<[string, Buffer]>([
    ['other bytes', Buffer.from('x'.repeat(10_000))],
    ['fewer bytes', Buffer.from('0123')],
    ['more bytes', Buffer.from('0123456789'.repeat(1001))],
  ])('whose source gives %s are refused, and the registry keeps nothing', async (_what, bytes) => {
    const registry = await start();
    const { repository } = connect(registry);
    const bad = () => Promise.resolve(streamOf(bytes));
    await expect(repository.putBlob(blob.descriptor, bad)).rejects.toEqual(failure('digest-mismatch'));
    expect(registry.repository('acme/app').blobs.size).toBe(0);
    await repository.putBlob(blob.descriptor, blob.open);
    expect(registry.repository('acme/app').blobs.size).toBe(1);
  });

  it('start over with a new session and a new stream when the upload breaks', async () => {
    const registry = await start();
    const faults = ['reset', { status: 502 }, { status: 404, body: error('BLOB_UPLOAD_UNKNOWN') }] as const;
    let put = 0;
    registry.onRequest = ({ method }) => (method === 'PUT' ? faults[put++] : undefined);
    let opened = 0;
    await connect(registry).repository.putBlob(blob.descriptor, () => {
      opened += 1;
      return blob.open();
    });
    expect(wire(registry).filter((line) => line === 'POST upload')).toHaveLength(4);
    expect(opened).toBe(4);
  });

  it('are sent to another host without the authorization of this one', async () => {
    const storage = await start();
    const registry = await start({ auth: 'basic' });
    storage.onRequest = () => ({ status: 201 });
    const location = `${storage.url}/bucket/upload?signature=a%2Bb`;
    registry.onRequest = ({ kind }) => (kind === 'upload' ? { status: 202, headers: { location } } : undefined);
    await connect(registry, 'password').repository.putBlob(blob.descriptor, blob.open);
    expect(storage.requests[0]?.headers['authorization']).toBeUndefined();
    expect(storage.requests[0]?.query.get('signature')).toBe('a+b');
    expect(storage.requests[0]?.query.get('digest')).toBe(blob.descriptor.digest);
  });

  it('are read in full and proven', async () => {
    const registry = await start();
    const { blobs } = registry.repository('acme/app');
    blobs.set(blob.descriptor.digest, blob.bytes);
    const { repository } = connect(registry);
    expect(await readBytes(await repository.blob(blob.descriptor))).toEqual(blob.bytes);
    for (const wrong of [Buffer.from('x'.repeat(10_000)), Buffer.from('short')]) {
      blobs.set(blob.descriptor.digest, wrong);
      await expect(readBytes(await repository.blob(blob.descriptor))).rejects.toEqual(failure('digest-mismatch'));
    }
  });

  it('are taken up where the connection broke', async () => {
    const registry = await start();
    registry.repository('acme/app').blobs.set(blob.descriptor.digest, blob.bytes);
    let left = 3;
    registry.onRequest = ({ kind }) => (kind === 'blob' && (left -= 1) >= 0 ? { truncate: 3000 } : undefined);
    expect(await readBytes(await connect(registry).repository.blob(blob.descriptor))).toEqual(blob.bytes);
    const ranges = registry.requests.filter(({ kind }) => kind === 'blob').map(({ headers }) => headers['range']);
    expect(ranges).toEqual([undefined, 'bytes=3000-', 'bytes=6000-', 'bytes=9000-']);
  });
});

describe('tags', () => {
  it('are read to the last page', async () => {
    const registry = await start();
    const manifest = manifestOf('one');
    const names = Array.from({ length: 2500 }, (_, n) => `t${String(n).padStart(4, '0')}`);
    for (const name of names) registry.repository('acme/app').tags.set(name, manifest.digest);
    expect(await connect(registry).repository.tags()).toEqual(names);
    expect(wire(registry)).toHaveLength(3);
  });

  it('are none where the repository is unknown or the list is null', async () => {
    const registry = await start();
    expect(await connect(registry).repository.tags()).toEqual([]);
    registry.repository('acme/app');
    expect(await connect(registry).repository.tags()).toEqual([]);
  });

  it('are not none on any other 404', async () => {
    const registry = await start();
    registry.onRequest = ({ kind }) =>
      kind === 'tags' ? { status: 404, headers: { 'content-type': 'text/plain' }, body: 'gone' } : undefined;
    await expect(connect(registry).repository.tags()).rejects.toEqual(failure('registry-not-found'));
  });

  it('end also when the pages go round in a circle', async () => {
    const registry = await start();
    const link = '</v2/acme/app/tags/list?n=1000>; rel="next"';
    registry.onRequest = ({ kind }) =>
      kind === 'tags' ? { status: 200, headers: { link }, body: '{"tags":["a"]}' } : undefined;
    await expect(connect(registry).repository.tags()).rejects.toEqual(failure('registry-protocol'));
  });

  it('that are immutable are not moved', async () => {
    const registry = await start({ immutableTag: () => true });
    store(registry, 'one', 'v1');
    registry.repository('acme/app').blobs.set(empty.descriptor.digest, empty.bytes);
    const { repository } = connect(registry);
    await expect(repository.putManifest(manifestOf('two'), 'v1')).rejects.toEqual(failure('tag-immutable'));
  });
});

describe('authorization', () => {
  it('asks for one token for reading, and one for writing', async () => {
    const registry = await start({ auth: 'bearer' });
    const { repository } = connect(registry, 'password');
    const blobs = ['a', 'b', 'c'].map(blobOf);
    await Promise.all(blobs.map(({ descriptor, open }) => repository.putBlob(descriptor, open)));
    await repository.tags();
    expect(wire(registry).filter((line) => line === 'GET token')).toHaveLength(1);
    expect(registry.requests.filter(({ kind }) => kind === 'base')).toHaveLength(1);
  });

  it('renews an expired token once', async () => {
    const registry = await start({ auth: 'bearer' });
    store(registry, 'one', 'v1');
    const { repository } = connect(registry, 'password');
    await repository.resolve('v1');
    registry.expireTokens();
    await repository.resolve('v1');
    expect(wire(registry)).toEqual(['GET token', 'HEAD manifest', 'HEAD manifest', 'GET token', 'HEAD manifest']);
  });

  it('renews before the token runs out', async () => {
    const registry = await start({ auth: 'bearer', tokenLife: 100 });
    const { repository, clock } = connect(registry, 'password');
    await repository.resolve('v1');
    await clock.sleep(90_000);
    await repository.resolve('v1');
    expect(wire(registry)).toEqual(['GET token', 'HEAD manifest', 'GET token', 'HEAD manifest']);
  });

  it.each(['basic', 'bearer'] as const)('works with %s', async (auth) => {
    const registry = await start({ auth });
    store(registry, 'one', 'v1');
    expect(await connect(registry, 'password').repository.resolve('v1')).toBeDefined();
    await expect(connect(registry, 'wrong').repository.resolve('v1')).rejects.toEqual(failure('registry-unauthorized'));
    await expect(connect(registry).repository.resolve('v1')).rejects.toEqual(failure('registry-unauthorized'));
  });

  it('reads anonymously where that is allowed', async () => {
    const registry = await start({ auth: 'bearer', anonymousPull: true });
    store(registry, 'one', 'v1');
    const { repository } = connect(registry);
    expect(await repository.resolve('v1')).toBeDefined();
    await expect(repository.canPush()).rejects.toEqual(failure('registry-unauthorized'));
  });

  it('probes for writing and leaves nothing', async () => {
    const registry = await start({ auth: 'bearer' });
    await connect(registry, 'password').repository.canPush();
    expect(wire(registry)).toEqual(['GET token', 'POST upload', 'DELETE upload']);
  });

  it('never puts a secret in an error', async () => {
    const registry = await start({ auth: 'bearer' });
    registry.onRequest = ({ kind }) => (kind === 'token' ? { status: 403, body: 'denied' } : undefined);
    const problem = await connect(registry, 'hunter2')
      .repository.resolve('v1')
      .catch((thrown: unknown) => thrown);
    expect(problem).toEqual(failure('registry-denied'));
    expect(JSON.stringify(problem, Object.getOwnPropertyNames(problem))).not.toMatch(/hunter2|scope=|aHVudGVy/);
  });
});

describe('failures', () => {
  it.each<[number, string, number]>([
    [400, 'registry-rejected', 1],
    [401, 'registry-unauthorized', 1],
    [403, 'registry-denied', 1],
    [405, 'registry-rejected', 1],
    [409, 'tag-immutable', 1],
    [422, 'registry-rejected', 1],
    [429, 'registry-rate-limited', 6],
    [500, 'registry-unavailable', 6],
    [503, 'registry-unavailable', 6],
  ])('%i is %s after %i requests', async (status, code, requests) => {
    const registry = await start();
    registry.onRequest = ({ kind }) => (kind === 'manifest' ? { status, body: error('X') } : undefined);
    await expect(connect(registry).repository.manifest('v1')).rejects.toEqual(failure(code));
    expect(wire(registry)).toHaveLength(requests);
  });

  it('a rate limit that is told as 403 is a rate limit', async () => {
    const registry = await start();
    const body = 'You have exceeded a secondary rate limit';
    registry.onRequest = ({ kind }) => (kind === 'manifest' ? { status: 403, body } : undefined);
    await expect(connect(registry).repository.manifest('v1')).rejects.toEqual(failure('registry-rate-limited'));
  });

  it.each<[string, Record<string, string>, string, number]>([
    ['seconds', { 'retry-after': '7' }, '', 7000],
    ['a date', { 'retry-after': 'Sat, 21 Nov 2026 00:00:09 GMT' }, '', 9000],
    ['a Go duration', { 'retry-after': '1m1.5s' }, '', 61_500],
    ['words in the body', {}, error('TOOMANYREQUESTS', 'retry-after: 3.5s, allowed: 2000/minute'), 3500],
  ])('429 with %s waits that long', async (_what, headers, body, wait) => {
    const registry = await start();
    store(registry, 'one', 'v1');
    let first = true;
    registry.onRequest = ({ kind }) => {
      if (kind !== 'manifest' || !first) return undefined;
      first = false;
      return { status: 429, headers, body };
    };
    const { repository, clock } = connect(registry);
    await repository.manifest('v1');
    expect(clock.waits.reduce((sum, one) => sum + one, 0)).toBe(wait);
  });

  it('does not wait for hours', async () => {
    const registry = await start();
    registry.onRequest = ({ kind }) =>
      kind === 'manifest' ? { status: 429, headers: { 'retry-after': '7200' } } : undefined;
    await expect(connect(registry).repository.manifest('v1')).rejects.toEqual(failure('registry-rate-limited'));
    expect(wire(registry)).toHaveLength(1);
  });

  it.each([
    ['base', 'base'],
    ['manifest', 'manifest'],
    ['tags', 'tags'],
  ])('an HTML page with 200 for %s is no answer', async (_what, kind) => {
    const registry = await start();
    registry.onRequest = (request) =>
      request.kind === kind ? { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' } : undefined;
    const { repository } = connect(registry);
    const asked = kind === 'tags' ? repository.tags() : repository.manifest('v1');
    await expect(asked).rejects.toEqual(failure('registry-protocol'));
  });

  it('a connection that keeps breaking is unreachable', async () => {
    const registry = await start();
    registry.onRequest = ({ kind }) => (kind === 'manifest' ? 'reset' : undefined);
    await expect(connect(registry).repository.manifest('v1')).rejects.toEqual(failure('registry-unreachable'));
  });

  it('a registry that is down is unreachable', async () => {
    const registry = await start();
    const { repository } = connect(registry);
    await registry.stop();
    registries.length = 0;
    await expect(repository.resolve('v1')).rejects.toEqual(failure('registry-unreachable'));
  });

  it('names the request without its query, and caps what the registry says', async () => {
    const registry = await start();
    registry.onRequest = ({ kind }) => (kind === 'tags' ? { status: 400, body: `a\nb${'x'.repeat(5000)}` } : undefined);
    const problem = await connect(registry)
      .repository.tags()
      .catch((thrown: unknown) => thrown as Error);
    expect(problem).toEqual(failure('registry-rejected'));
    const { message } = problem as Error;
    expect(message).toContain(`GET ${registry.host}/v2/acme/app/tags/list answered 400: a b`);
    expect(message.length).toBeLessThan(500);
  });

  it('an aborted run is cancelled, not retried', async () => {
    const registry = await start();
    const controller = new AbortController();
    registry.onRequest = () => {
      controller.abort();
      return undefined;
    };
    const all = new Registries({ credentials: noCredentials, signal: controller.signal });
    const repository = all.repository({ registry: registry.host, repository: 'acme/app' });
    await expect(repository.resolve('v1')).rejects.toEqual(failure('cancelled'));
  });
});

describe('referrers', () => {
  const subject = manifestOf('subject');
  const config = { ...empty.descriptor, mediaType: EMPTY };

  function referrer(name: string, of: Digest = subject.digest): ManifestBlob {
    const about = { mediaType: OCI_MANIFEST, digest: of, size: 1 };
    const annotations = { name };
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, artifactType: 'a/b', config, layers: [], subject: about, annotations }),
    );
    return { mediaType: OCI_MANIFEST, bytes, digest: digestOf(bytes) };
  }

  function listed(...manifests: ManifestBlob[]): ManifestBlob {
    const entries = manifests.map(({ mediaType, digest, bytes }) => ({ mediaType, digest, size: bytes.length }));
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: entries }));
    return { mediaType, bytes, digest: digestOf(bytes) };
  }

  function fill(registry: MemoryRegistry, manifests: ManifestBlob[], fallback?: ManifestBlob): void {
    const repository = registry.repository('acme/app');
    for (const manifest of [...manifests, ...(fallback === undefined ? [] : [fallback])])
      repository.manifests.set(manifest.digest, manifest);
    if (fallback !== undefined) repository.tags.set(subject.digest.replace(':', '-'), fallback.digest);
  }

  it('are the union of what the registry and the fallback tag list, with type and annotations', async () => {
    const registry = await start();
    const [api, both, tag] = [referrer('api'), referrer('both'), referrer('tag')];
    fill(registry, [api, both, tag], listed(both, tag));
    registry.onRequest = ({ kind }) =>
      kind === 'referrers'
        ? {
            status: 200,
            headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
            body: listed(api, both).bytes,
          }
        : undefined;
    const found = await connect(registry).repository.referrers(subject.digest);
    expect(found.map(({ annotations }) => annotations?.['name']).toSorted()).toEqual(['api', 'both', 'tag']);
    expect(found.every(({ artifactType }) => artifactType === 'a/b')).toBe(true);
  });

  it('do not include what refers to something else, or is gone', async () => {
    const registry = await start({ referrersApi: false });
    const [mine, foreign, gone] = [referrer('mine'), referrer('foreign', manifestOf('x').digest), referrer('gone')];
    fill(registry, [mine, foreign], listed(mine, foreign, gone, subject));
    const found = await connect(registry).repository.referrers(subject.digest);
    expect(found.map(({ digest }) => digest)).toEqual([mine.digest]);
  });

  it('are none when an image stands at the fallback tag', async () => {
    const registry = await start({ referrersApi: false });
    fill(registry, [], referrer('mine'));
    expect(await connect(registry).repository.referrers(subject.digest)).toEqual([]);
  });

  it('are not read from a page of another host', async () => {
    const registry = await start();
    const elsewhere = await start();
    registry.onRequest = ({ kind }) =>
      kind === 'referrers' ? { status: 303, headers: { location: `${elsewhere.url}/login` } } : undefined;
    expect(await connect(registry).repository.referrers(subject.digest)).toEqual([]);
    expect(elsewhere.requests).toEqual([]);
  });

  it.each<[string, number, Record<string, string>, string]>([
    ['HTML with 200', 200, { 'content-type': 'text/html' }, '<html>'],
    ['JSON of another type', 200, { 'content-type': 'application/json' }, '{"manifests":[]}'],
    ['404', 404, {}, ''],
    ["quay.io's 400 for an unknown subject", 400, {}, error('MANIFEST_INVALID')],
  ])('come from the fallback tag when the API answers %s', async (_what, status, headers, body) => {
    const registry = await start();
    fill(registry, [referrer('mine')], listed(referrer('mine')));
    registry.onRequest = ({ kind }) => (kind === 'referrers' ? { status, headers, body } : undefined);
    expect(await connect(registry).repository.referrers(subject.digest)).toHaveLength(1);
  });

  it.each([
    [401, 'registry-unauthorized'],
    [403, 'registry-denied'],
    [429, 'registry-rate-limited'],
    [500, 'registry-unavailable'],
  ])('are never none because of %i', async (status, code) => {
    for (const kind of ['referrers', 'manifest']) {
      const registry = await start();
      registry.onRequest = (request) => (request.kind === kind ? { status } : undefined);
      await expect(connect(registry).repository.referrers(subject.digest)).rejects.toEqual(failure(code));
    }
  });

  it('are asked of the API once only where it does not exist', async () => {
    const registry = await start({ referrersApi: false });
    const { repository } = connect(registry);
    await repository.referrers(subject.digest);
    await repository.referrers(manifestOf('other').digest);
    expect(wire(registry).filter((line) => line === 'GET referrers')).toHaveLength(1);
  });
});
