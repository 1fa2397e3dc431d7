import type { Rate } from '../../runtime/pace.ts';

/** What a request is about, as registries count them. */
export type RequestKind = 'manifests' | 'blobs' | 'tags' | 'other';

/**
 * What registries are known to take from one client, so that it need not be learned by being refused. Quay's are those
 * of its published nginx configuration for HTTP/2; it answers 429 without `Retry-After`.
 */
const PUBLISHED: Readonly<Record<string, Readonly<Partial<Record<RequestKind, Rate>>>>> = {
  'quay.io': {
    manifests: { perSecond: 500, burst: 50 },
    blobs: { perSecond: 500, burst: 100 },
    tags: { perSecond: 5, burst: 2 },
    other: { perSecond: 60, burst: 20 },
  },
};

export function publishedLimits(registry: string): Readonly<Partial<Record<RequestKind, Rate>>> {
  return PUBLISHED[registry] ?? {};
}

/** @param path - such as `/v2/acme/app/manifests/v1` */
export function requestKind(path: string): RequestKind {
  if (/\/manifests\/[^/]+$/.test(path)) return 'manifests';
  if (/\/blobs\/(?:uploads\/)?[^/]*$/.test(path)) return 'blobs';
  return path.endsWith('/tags/list') ? 'tags' : 'other';
}
