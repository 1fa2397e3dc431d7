import { error } from './memory-auth.ts';
import type { RepositoryShelves } from './memory-store.ts';
import type { RegistryAnswer } from './memory-wire.ts';

export interface RouteOptions {
  readonly referrersApi: boolean;
  /** False: answers 202 to every mount, as registries that will not mount do. */
  readonly mount: boolean;
  /** Tags that cannot be moved: 409 TAG_IMMUTABLE. */
  readonly immutableTag: (tag: string) => boolean;
  /** False: 405 for every DELETE of content. */
  readonly deletes: boolean;
  /** Of the list of tags: as the specification wants it, or as they were pushed. */
  readonly tagOrder: 'lexical' | 'pushed';
  /** False: takes manifests whose blobs it does not have. */
  readonly wantsParts: boolean;
}

/** What the routes work on. */
export interface RouteState extends RouteOptions {
  readonly repository: (name: string) => RepositoryShelves;
  readonly known: (name: string) => boolean;
  /** Uploads that have been begun, by session. */
  readonly sessions: Map<string, Buffer>;
}

/** What a registry does that follows the specification in every option. */
export const SPECIFIED: RouteOptions = {
  referrersApi: true,
  mount: true,
  immutableTag: () => false,
  deletes: true,
  tagOrder: 'lexical',
  wantsParts: true,
};

/** A refusal with the specification's code and its error document. */
export function refused(status: number, code: string, message = 'unknown'): RegistryAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: error(code, message) };
}
