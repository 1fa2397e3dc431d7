/** What a request needs of a repository; each includes those before it. */
export type Access = 'pull' | 'push' | 'delete';

/** Repositories of one registry and what is needed of each, for one token. */
export type Scopes = ReadonlyMap<string, Access>;

const ACTIONS = { pull: 'pull', push: 'pull,push', delete: 'pull,push,delete' } as const satisfies Record<
  Access,
  string
>;
const RANK = { pull: 0, push: 1, delete: 2 } as const satisfies Record<Access, number>;

export function scopeOf(repository: string, access: Access): Scopes {
  return new Map([[repository, access]]);
}

/** The least that covers both. */
export function joinScopes(a: Scopes, b: Scopes): Scopes {
  if (covers(a, b)) return a;
  const joined = new Map(a);
  for (const [repository, access] of b) if (!grants(joined, repository, access)) joined.set(repository, access);
  return joined;
}

export function covers(granted: Scopes, needed: Scopes): boolean {
  for (const [repository, access] of needed) if (!grants(granted, repository, access)) return false;
  return true;
}

/** As a token endpoint wants them: one `scope` each (distribution token specification). */
export function scopeTexts(scopes: Scopes): readonly string[] {
  return [...scopes].map(([repository, access]) => `repository:${repository}:${ACTIONS[access]}`);
}

function grants(scopes: Scopes, repository: string, access: Access): boolean {
  const has = scopes.get(repository);
  return has !== undefined && RANK[has] >= RANK[access];
}
