import { pickText } from '../runtime/pick.ts';
import { type GitHubApi, parse } from './api.ts';

/** Whose token this is; empty for the token of a workflow, which is no account and may not ask. */
export async function ownLogin(api: GitHubApi): Promise<string> {
  const answer = await api.send({ path: '/user' });
  return answer.status === 200 ? (pickText(parse(answer), 'login') ?? '') : '';
}

/** Who wrote a comment or an issue. */
export interface Author {
  readonly login: string;
  readonly isBot: boolean;
}

/**
 * Tells what is ours: of this token's account, or of an app. What anybody else wrote under the same marker could be changed by its
 * author afterwards. Asks for the account at most once, and only when somebody has to be told apart from it.
 */
export class OwnWriting {
  readonly #api: GitHubApi;
  #self: Promise<string> | undefined;

  constructor(api: GitHubApi) {
    this.#api = api;
  }

  async is({ login, isBot }: Author): Promise<boolean> {
    if (isBot) return true;
    this.#self ??= ownLogin(this.#api);
    return login !== '' && login === (await this.#self);
  }
}
