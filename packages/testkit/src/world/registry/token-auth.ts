import { randomUUID } from 'node:crypto';
import type { JsonAnswer } from '../local-server.ts';

export type Action = 'pull' | 'push' | 'delete';

/** Who may do what in a registry. */
export interface Account {
  /** Absent where any name goes with the password, as on GHCR. */
  readonly username?: string;
  readonly password: string;
  readonly actions: readonly Action[];
  /** The repositories it is for; all of them when absent. */
  readonly repositories?: readonly string[];
}

export interface TokenAuthOptions {
  readonly service: string;
  /** Path of the token endpoint, such as `/token`. */
  readonly path: string;
  readonly scheme: 'http' | 'https';
  /** True where anybody may pull. */
  readonly isPublic: (repository: string) => boolean;
}

interface Grant {
  readonly account: Account | undefined;
  /** What the client asked for, by repository. */
  readonly scopes: ReadonlyMap<string, readonly string[]>;
  readonly expires: number;
}

export interface AccessRequest {
  readonly host: string;
  readonly authorization: string | undefined;
  /** Absent for `/v2/` itself. */
  readonly repository?: string;
  readonly action: Action;
}

const LIFETIME_SECONDS = 300;

/** Token authentication of a registry (distribution specification, "token" and "jwt" pages), with opaque tokens. */
export class TokenAuth {
  readonly accounts: Account[] = [];
  readonly #options: TokenAuthOptions;
  readonly #grants = new Map<string, Grant>();

  constructor(options: TokenAuthOptions) {
    this.#options = options;
  }

  /** Forgets every token that was given out, as if all had expired. */
  revokeTokens(): void {
    this.#grants.clear();
  }

  /** Answers the token endpoint. */
  token(url: URL, authorization: string | undefined): JsonAnswer {
    const account = this.#basicAccount(authorization);
    if (authorization !== undefined && account === undefined) return denied(403, 'DENIED', 'denied');
    const scopes = new Map(url.searchParams.getAll('scope').flatMap((text) => text.split(' ').map(parseScope)));
    const token = `registry-${randomUUID()}`;
    const grant: Grant = { account, scopes, expires: Date.now() + LIFETIME_SECONDS * 1000 };
    if (account === undefined && ![...scopes.keys()].every((name) => this.#options.isPublic(name))) {
      return denied(401, 'UNAUTHORIZED', 'authentication required');
    }
    this.#grants.set(token, grant);
    const issued = new Date().toISOString();
    return { status: 200, body: { token, access_token: token, expires_in: LIFETIME_SECONDS, issued_at: issued } };
  }

  /** `undefined` when the request may go on, else the answer that refuses it. */
  refusal(request: AccessRequest): JsonAnswer | undefined {
    const grant = this.#grantOf(request.authorization);
    if (grant === undefined) return this.#challenge(request);
    const { repository, action } = request;
    if (repository === undefined) return undefined;
    if (!this.#mayDo(grant.account, repository, action)) {
      return denied(403, 'DENIED', 'permission_denied: The token provided does not match expected scopes.');
    }
    const asked = grant.scopes.get(repository) ?? grant.scopes.get('*') ?? [];
    return asked.includes(action) || asked.includes('*') ? undefined : this.#challenge(request);
  }

  #mayDo(account: Account | undefined, repository: string, action: Action): boolean {
    if (action === 'pull' && this.#options.isPublic(repository)) return true;
    if (account === undefined || !account.actions.includes(action)) return false;
    return account.repositories === undefined || account.repositories.includes(repository);
  }

  #challenge({ host, repository, action, authorization }: AccessRequest): JsonAnswer {
    const { scheme, path, service } = this.#options;
    const actions = action === 'pull' ? 'pull' : `pull,${action}`;
    const parts = [`realm="${scheme}://${host}${path}"`, `service="${service}"`];
    if (repository !== undefined) parts.push(`scope="repository:${repository}:${actions}"`);
    if (authorization !== undefined) parts.push('error="invalid_token"');
    const answer = denied(401, 'UNAUTHORIZED', 'authentication required');
    return { ...answer, headers: { 'www-authenticate': `Bearer ${parts.join(',')}` } };
  }

  #grantOf(authorization: string | undefined): Grant | undefined {
    const token = /^bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    const grant = this.#grants.get(token);
    if (grant !== undefined) return grant.expires > Date.now() ? grant : undefined;
    // GHCR also takes the personal token itself, in base64, without asking its token endpoint.
    const password = Buffer.from(token, 'base64').toString();
    const account = this.accounts.find((each) => each.username === undefined && each.password === password);
    return account && { account, scopes: new Map([['*', ['*']]]), expires: Number.POSITIVE_INFINITY };
  }

  #basicAccount(authorization: string | undefined): Account | undefined {
    const basic = /^basic (.+)$/i.exec(authorization ?? '')?.[1];
    if (basic === undefined) return undefined;
    const [username = '', ...rest] = Buffer.from(basic, 'base64').toString().split(':');
    const password = rest.join(':');
    return this.accounts.find((each) => (each.username ?? username) === username && each.password === password);
  }
}

/** `repository:acme/app:pull,push` */
function parseScope(scope: string): [string, string[]] {
  const [, name = '', actions = ''] = /^repository(?:\([^)]*\))?:(.+):([^:]*)$/.exec(scope) ?? [];
  return [name, actions.split(',')];
}

/** An error of the distribution specification. */
export function denied(status: number, code: string, message: string): JsonAnswer {
  return {
    status,
    body: { errors: [{ code, message }] },
    headers: { 'docker-distribution-api-version': 'registry/2.0' },
  };
}
