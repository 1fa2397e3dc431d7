import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { type Claims, DEFAULT_CLAIMS } from './identity.ts';

export interface OidcAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** GitHub's identity provider: the issuer that others trust, and the token endpoint that a job asks. */
export class OidcIssuer {
  /** `http://127.0.0.1:port`; also what the tokens say. */
  readonly issuer: string;
  /** The bearer token of the token endpoint: `ACTIONS_ID_TOKEN_REQUEST_TOKEN`. */
  readonly requestToken = `runner-${randomUUID()}`;
  #claims: Claims = DEFAULT_CLAIMS;
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });

  constructor(issuer: string) {
    this.issuer = issuer;
  }

  /**
   * `ACTIONS_ID_TOKEN_REQUEST_URL` for a job whose claims differ from the world's in `overrides`.
   * It has a query already, as GitHub's has, because clients append `&audience=`.
   */
  requestUrl(overrides: Claims = {}): string {
    const query = new URLSearchParams({ 'api-version': '2.0' });
    for (const [name, value] of Object.entries(overrides)) query.set(`claim_${name}`, value);
    return `${this.issuer}/oidc/token?${query.toString()}`;
  }

  /** What the runner gives a job that may ask for tokens. */
  variables(overrides: Claims = {}): Record<'ACTIONS_ID_TOKEN_REQUEST_URL' | 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', string> {
    return {
      ACTIONS_ID_TOKEN_REQUEST_URL: this.requestUrl(overrides),
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: this.requestToken,
    };
  }

  /** Changes what every later token says; `{}` goes back to the default identity. */
  setClaims(overrides: Claims): void {
    this.#claims = { ...DEFAULT_CLAIMS, ...overrides };
  }

  /** A signed token, as the endpoint would give. Times are in seconds since 1970. */
  token(audience: string, overrides: Claims = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, nbf: now - 5, exp: now + 300 };
    const claims = { iss: this.issuer, aud: audience, jti: randomUUID(), ...times, ...this.#claims, ...overrides };
    const text = `${part({ alg: 'RS256', typ: 'JWT', kid: 'world' })}.${part(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), this.#keys.privateKey).toString('base64url')}`;
  }

  /** Answers the issuer's routes; `undefined` for any other. */
  handle(url: URL, authorization: string | undefined): OidcAnswer | undefined {
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return { status: 200, body: this.#discovery() };
      case '/.well-known/jwks':
        return { status: 200, body: { keys: [this.#publicKey()] } };
      case '/oidc/token':
        return this.#tokenAnswer(url, authorization);
      default:
        return undefined;
    }
  }

  #tokenAnswer(url: URL, authorization: string | undefined): OidcAnswer {
    if (authorization?.toLowerCase() !== `bearer ${this.requestToken}`) {
      return { status: 401, body: { message: 'Bad credentials' } };
    }
    const overrides = [...url.searchParams]
      .filter(([name]) => name.startsWith('claim_'))
      .map(([name, value]) => [name.slice('claim_'.length), value] as const);
    const audience = url.searchParams.get('audience') ?? 'https://github.com/acme';
    return { status: 200, body: { count: 1, value: this.token(audience, Object.fromEntries(overrides)) } };
  }

  #discovery(): unknown {
    return {
      issuer: this.issuer,
      jwks_uri: `${this.issuer}/.well-known/jwks`,
      subject_types_supported: ['public', 'pairwise'],
      response_types_supported: ['id_token'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid'],
    };
  }

  #publicKey(): unknown {
    return { ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'world', alg: 'RS256', use: 'sig' };
  }
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
