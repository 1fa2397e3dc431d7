import type { Credential, Credentials } from './credentials.ts';
import { parseChallenges } from './challenge.ts';
import { covers, type Scopes } from './scope.ts';
import { basicHeader, fetchToken, type Token, type TokenPorts, type TokenService } from './token.ts';

type Mode =
  | { readonly kind: 'open' }
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly service: TokenService };

interface Held {
  readonly scopes: Scopes;
  readonly token: Promise<Token>;
}

export interface AuthorizerOptions extends TokenPorts {
  /** As in a reference. */
  readonly host: string;
  readonly credentials: Credentials;
}

/**
 * Knows how one registry wants to be asked, from its challenges, and keeps its tokens: one per set of
 * scopes for as long as it is good, and a wider one serves a narrower need.
 */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  #mode: Mode = { kind: 'open' };
  #credential: Promise<Credential | undefined> | undefined;
  #held: Held[] = [];
  readonly #proven = new Set<string>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** The `Authorization` value to send, if any. */
  async header(scopes: Scopes): Promise<string | undefined> {
    switch (this.#mode.kind) {
      case 'open':
        return undefined;
      case 'basic': {
        const credential = await this.credential();
        return credential === undefined ? undefined : basicHeader(credential);
      }
      case 'bearer':
        return `Bearer ${(await this.#token(this.#mode.service, scopes)).value}`;
      default:
        return this.#mode satisfies never;
    }
  }

  /** Takes in that an `Authorization` value was not refused. */
  accepted(sent: string): void {
    this.#proven.add(sent);
  }

  /**
   * Takes in a 401. True when asking again makes sense: the challenge was new, or the token that was
   * sent had been good before and is now dropped.
   *
   * @param sent - the `Authorization` value that was refused
   */
  async challenged(wwwAuthenticate: string | undefined, sent: string | undefined): Promise<boolean> {
    const mode = this.#read(wwwAuthenticate ?? '');
    if (mode === undefined) return false;
    const changed = mode.kind !== this.#mode.kind;
    this.#mode = mode;
    if (mode.kind === 'basic') return changed && (await this.credential()) !== undefined;
    if (sent === undefined || changed) return true;
    await this.#drop(sent);
    return this.#proven.delete(sent);
  }

  /** Looked up once per run: a helper is a process. */
  credential(): Promise<Credential | undefined> {
    this.#credential ??= this.#options.credentials.forHost(this.#options.host);
    return this.#credential;
  }

  #read(header: string): Mode | undefined {
    const challenges = parseChallenges(header);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    const realm = bearer?.parameters['realm'];
    if (realm !== undefined && URL.canParse(realm)) {
      const service = bearer?.parameters['service'];
      return { kind: 'bearer', service: { realm: new URL(realm), ...(service === undefined ? {} : { service }) } };
    }
    return challenges.some(({ scheme }) => scheme === 'basic') ? { kind: 'basic' } : undefined;
  }

  async #token(service: TokenService, scopes: Scopes): Promise<Token> {
    for (let held = this.#find(scopes); held !== undefined; held = this.#find(scopes)) {
      const token = await held.token;
      if (token.goodUntil > this.#options.clock.now().getTime()) return token;
      this.#remove(held);
    }
    return this.#request(service, scopes);
  }

  #request(service: TokenService, scopes: Scopes): Promise<Token> {
    const token = this.credential().then((credential) => fetchToken({ service, scopes, credential }, this.#options));
    const held: Held = { scopes, token };
    this.#held.push(held);
    token.catch(() => this.#remove(held));
    return token;
  }

  #find(scopes: Scopes): Held | undefined {
    return this.#held.find((held) => covers(held.scopes, scopes));
  }

  #remove(held: Held): void {
    this.#held = this.#held.filter((one) => one !== held);
  }

  async #drop(sent: string): Promise<void> {
    const values = await Promise.allSettled(this.#held.map(({ token }) => token));
    this.#held = this.#held.filter((_held, index) => {
      const result = values[index];
      return result?.status !== 'fulfilled' || `Bearer ${result.value.value}` !== sent;
    });
  }
}
