import { connect, manifestOf, store } from '@plimsoll/testkit/registry/fixtures';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { describe, expect, it } from 'vitest';
import { descriptorOf } from '../oci/manifest.ts';
import { attachReferrers } from '../oci/referrers.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { silentLog } from '../runtime/log.ts';
import { attachIntent, type Intent, INTENT_TYPE, readIntent } from './intent.ts';
import { moveIntendedTags } from './intended-tags.ts';
import type { VerifyReport } from './verify.ts';

const image = manifestOf('image');
const other = manifestOf('other');
const subject = descriptorOf(image);
const rules = { immutable: [], moving: [] };

const intent = (change: Partial<Intent> = {}): Intent => ({
  version: 1,
  commit: 'e'.repeat(40),
  ref: 'refs/heads/main',
  event: 'push',
  run: { id: '100', attempt: 1 },
  tags: [{ name: 'main', class: 'moving' }],
  ...change,
});

async function prepared(intents: readonly Intent[], options = {}): Promise<MemoryRegistry> {
  const registry = await startMemoryRegistry(options);
  store(registry, [image, other]);
  const { repository } = connect(registry);
  for (const each of intents) await attachIntent(repository, subject, each);
  return registry;
}

const tagsOf = (registry: MemoryRegistry) =>
  Object.fromEntries([...registry.repository('acme/app').tags].filter(([name]) => !name.startsWith('sha256-')));

function move(registry: MemoryRegistry, verify = () => Promise.resolve({} as VerifyReport), required = true) {
  const { repository } = connect(registry);
  return moveIntendedTags(
    { digest: image.digest, runs: ['100'], required, rules },
    { repository, verify, log: silentLog, note: { by: 'octocat' } },
  );
}

describe.each([{ referrersApi: true }, { referrersApi: false }])('an intent with %o', (options) => {
  it('is read back as it was attached', async () => {
    const family = { prefix: 'app-', suffix: '' };
    const highest = { version: '1.2.3', line: '1.2', prefix: '', suffix: '', beside: family };
    const left = intent({ tags: [{ name: '1.2', class: 'moving', highest }] });
    await using registry = await prepared([left], options);
    expect(await readIntent(connect(registry).repository, image.digest, ['99', '100'])).toEqual(left);
  });
});

describe('intended tags', () => {
  it('are written after the image was verified, those of the last attempt of this run alone', async () => {
    const again = intent({ run: { id: '100', attempt: 2 }, tags: [{ name: 'again', class: 'moving' }] });
    const foreign = intent({ run: { id: '101', attempt: 3 }, tags: [{ name: 'latest', class: 'moving' }] });
    await using registry = await prepared([again, intent(), foreign]);
    let before: unknown;
    const { moves } = await move(registry, () => {
      before = tagsOf(registry);
      return Promise.resolve({} as VerifyReport);
    });
    expect(before).toEqual({});
    expect(moves).toMatchObject([{ name: 'again', action: 'create' }]);
    expect(tagsOf(registry)).toEqual({ again: image.digest });
  });

  it('may be none: then the image is verified, and nothing is written', async () => {
    await using registry = await prepared([]);
    const verified = { verified: true } as VerifyReport;
    expect(await move(registry, () => Promise.resolve(verified), false)).toEqual({ verified, moves: [] });
    expect(tagsOf(registry)).toEqual({});
  });

  it('are not written when the image cannot be verified', async () => {
    await using registry = await prepared([intent()]);
    const refuse = () => Promise.reject(new PlimsollError('verify-unsigned', 'no', { hint: 'no' }));
    await expect(move(registry, refuse)).rejects.toMatchObject({ code: 'verify-unsigned' });
    expect(tagsOf(registry)).toEqual({});
  });

  it('cannot make an immutable tag move by calling it a moving one', async () => {
    await using registry = await prepared([intent({ tags: [{ name: '1.2.3', class: 'moving' }] })]);
    await connect(registry).repository.putManifest(other, '1.2.3');
    await expect(move(registry)).rejects.toMatchObject({ code: 'tag-taken' });
    expect(tagsOf(registry)).toEqual({ '1.2.3': other.digest });
  });

  it('stay where they are when the build knew that they name a release', async () => {
    const left = intent({ tags: [{ name: 'app-1.2.3', class: 'immutable' }] });
    await using registry = await prepared([left]);
    await connect(registry).repository.putManifest(other, 'app-1.2.3');
    await expect(move(registry)).rejects.toMatchObject({ code: 'tag-taken' });
    expect(tagsOf(registry)).toEqual({ 'app-1.2.3': other.digest });
  });

  it('are missing where only another run left some, or what hangs there is no intent', async () => {
    const stray = {
      artifactType: INTENT_TYPE,
      annotations: {},
      blobs: [{ mediaType: 'a/b', bytes: Buffer.from('{') }],
    };
    await using registry = await prepared([intent({ run: { id: '7', attempt: 1 } })]);
    await attachReferrers(connect(registry).repository, subject, [stray]);
    await expect(move(registry)).rejects.toMatchObject({ code: 'intent-missing' });
  });

  it('are not taken for absent when they cannot be read', async () => {
    await using registry = await prepared([intent()]);
    registry.onRequest = ({ method, path }) =>
      method === 'GET' && path.includes('/blobs/') ? { status: 403 } : undefined;
    await expect(move(registry)).rejects.toMatchObject({ code: 'registry-denied' });
  });
});
