import type { RepositoryShelves, Shelf, StoredManifest } from '../registry/memory-store.ts';
import type { PackageState } from './package-state.ts';

/** A package of the emulated GitHub as a repository of a registry: what is deleted on one plane is gone on the other. */
export function shelvesOf(state: PackageState): RepositoryShelves {
  return { manifests: manifestsOf(state), blobs: state.blobs, tags: tagsOf(state) };
}

function manifestsOf(state: PackageState): Shelf<StoredManifest> {
  const get = (digest: string) => (state.live(digest) === undefined ? undefined : state.manifests.get(digest));
  return {
    get,
    has: (digest) => get(digest) !== undefined,
    set: (digest, manifest) => state.record(digest, manifest),
    delete: (digest) => {
      const version = state.live(digest);
      return version !== undefined && state.delete(version.id) === 'deleted';
    },
    *[Symbol.iterator]() {
      for (const { digest } of state.list().toReversed()) {
        const manifest = get(digest);
        if (manifest !== undefined) yield [digest, manifest] as [string, StoredManifest];
      }
    },
  };
}

function tagsOf(state: PackageState): Shelf<string> {
  return {
    get: (tag) => state.tags.get(tag),
    has: (tag) => state.tags.has(tag),
    set: (tag, digest) => state.tag(tag, digest),
    delete: (tag) => state.untag(tag),
    [Symbol.iterator]: () => state.tags[Symbol.iterator](),
  };
}
