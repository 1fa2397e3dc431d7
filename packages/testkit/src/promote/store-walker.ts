import type { MemoryRepository } from '../registry/memory-store.ts';

interface Document {
  readonly mediaType?: string;
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
  readonly subject?: { readonly digest: string };
}

/** What can be found from a digest on: `<kind> <digest>` of everything, and `tag <name> <digest>` of legacy tags. */
export type Found = ReadonlySet<string>;

/**
 * Walks what a registry has stored, as a consumer would find it, without any code of the product: children,
 * referrers where they are on record, legacy tags, blobs.
 *
 * @param listed - whether the registry lists referrers itself
 */
export function walkStore(repository: MemoryRepository, root: string, listed: boolean): Found {
  const found = new Set<string>();
  const due = [root];
  for (let digest = due.pop(); digest !== undefined; digest = due.pop()) {
    const stored = repository.manifests.get(digest);
    if (stored === undefined || found.has(`manifest ${digest}`)) continue;
    found.add(`manifest ${digest}`);
    const document = JSON.parse(stored.bytes.toString()) as Document;
    for (const blob of [document.config, ...(document.layers ?? [])])
      if (blob !== undefined && repository.blobs.has(blob.digest)) found.add(`blob ${blob.digest}`);
    due.push(...(document.manifests ?? []).map((child) => child.digest), ...referrers(repository, digest, listed));
    for (const [name, target] of repository.tags) {
      if (!name.startsWith(`${digest.replace(':', '-')}.`)) continue;
      found.add(`tag ${name} ${target}`);
      due.push(target);
    }
  }
  return found;
}

function referrers(repository: MemoryRepository, subject: string, listed: boolean): readonly string[] {
  const about = (digest: string) => {
    const stored = repository.manifests.get(digest);
    return stored !== undefined && (JSON.parse(stored.bytes.toString()) as Document).subject?.digest === subject;
  };
  const recorded = listed ? [...repository.manifests.keys()] : fallbackEntries(repository, subject);
  return recorded.filter(about);
}

function fallbackEntries(repository: MemoryRepository, subject: string): readonly string[] {
  const index = repository.manifests.get(repository.tags.get(subject.replace(':', '-')) ?? '');
  const entries = index === undefined ? [] : ((JSON.parse(index.bytes.toString()) as Document).manifests ?? []);
  return entries.map(({ digest }) => digest);
}
