import type { Clock } from '../runtime/clock.ts';
import { pick } from '../runtime/pick.ts';

/** Milliseconds that a token must still be good for: signing with it takes a while. */
const MARGIN = 60_000;

interface Remembered {
  readonly token: Promise<string>;
  readonly askedAt: number;
}

/**
 * Asks once for each audience, and again only when the token is about to run out. Its age is counted from when it was asked for:
 * the clock of the runner may be another than that of whoever made the token.
 */
export function rememberTokens(
  ask: (audience: string) => Promise<string>,
  clock: Clock,
): (audience: string) => Promise<string> {
  const tokens = new Map<string, Remembered>();
  const fresh = (audience: string) => {
    const token = ask(audience);
    tokens.set(audience, { token, askedAt: clock.now().getTime() });
    token.catch(() => tokens.delete(audience));
    return token;
  };
  return async (audience) => {
    const known = tokens.get(audience);
    if (known === undefined) return fresh(audience);
    const age = clock.now().getTime() - known.askedAt;
    return age < lifetimeOf(await known.token) - MARGIN ? known.token : fresh(audience);
  };
}

/** Milliseconds; none for what does not say it. */
function lifetimeOf(token: string): number {
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const [from, until] = [pick(claims, 'iat'), pick(claims, 'exp')];
  return typeof from === 'number' && typeof until === 'number' ? (until - from) * 1000 : 0;
}
