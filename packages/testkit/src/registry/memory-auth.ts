import type { RegistryAnswer, RegistryRequest } from './memory-wire.ts';

export interface AuthOptions {
  readonly kind: 'none' | 'basic' | 'bearer';
  readonly username: string;
  readonly password: string;
  /** Lets anybody read. */
  readonly anonymousPull: boolean;
  /** Seconds. */
  readonly tokenLife: number;
}

interface IssuedToken {
  readonly allowed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly until: number;
}

/** The gate of a {@link MemoryRegistry}: HTTP Basic, or the distribution token flow with the token service on the same host. */
export class MemoryAuth {
  readonly #options: AuthOptions;
  readonly #tokens = new Map<string, IssuedToken>();
  #issued = 0;

  constructor(options: AuthOptions) {
    this.#options = options;
  }

  /** Every token handed out so far is refused from now on. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  /** The refusal, if it is to be refused. */
  check(request: RegistryRequest, origin: string): RegistryAnswer | undefined {
    const { kind } = this.#options;
    if (kind === 'none') return undefined;
    if (kind === 'basic') return this.#hasPassword(request) ? undefined : challenge('Basic realm="memory"');
    const action =
      { GET: 'pull', HEAD: 'pull', DELETE: request.kind === 'upload' ? 'push' : 'delete' }[request.method] ?? 'push';
    const wanted = request.repository === undefined ? [] : [[request.repository, action] as const];
    const token = this.#tokens.get(request.headers['authorization']?.replace(/^Bearer /, '') ?? '');
    const allowed =
      token !== undefined &&
      token.until > Date.now() &&
      wanted.every(([name, act]) => token.allowed.get(name)?.has(act));
    if (allowed) return undefined;
    const scope = wanted.map(([name, act]) => `,scope="repository:${name}:${act}"`).join('');
    return challenge(`Bearer realm="${origin}/token",service="memory"${scope}`);
  }

  /** The token service: grants what may be granted, and an empty token where nothing may. */
  token(request: RegistryRequest): RegistryAnswer {
    const known = this.#hasPassword(request);
    if (!known && (request.headers['authorization'] !== undefined || !this.#options.anonymousPull)) {
      return { status: 401, body: error('UNAUTHORIZED', 'incorrect username or password') };
    }
    const allowed = new Map<string, Set<string>>();
    for (const scope of request.query.getAll('scope').flatMap((text) => text.split(' '))) {
      const [, name = '', actions = ''] = /^repository:(.+):([a-z,*]+)$/.exec(scope) ?? [];
      allowed.set(name, new Set(actions.split(',').filter((action) => known || action === 'pull')));
    }
    this.#issued += 1;
    const token = `memory-token-${this.#issued}`;
    this.#tokens.set(token, { allowed, until: Date.now() + this.#options.tokenLife * 1000 });
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, expires_in: this.#options.tokenLife }),
    };
  }

  #hasPassword(request: RegistryRequest): boolean {
    const { username, password } = this.#options;
    return request.headers['authorization'] === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
}

/** The error document of the distribution specification. */
export function error(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

function challenge(header: string): RegistryAnswer {
  return {
    status: 401,
    headers: { 'www-authenticate': header },
    body: error('UNAUTHORIZED', 'authentication required'),
  };
}
