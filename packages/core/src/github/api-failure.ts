import type { ErrorCode } from '../runtime/error-codes.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { ApiAnswer } from './api.ts';
import { pickText } from '../runtime/pick.ts';

const LONGEST_REASON = 300;

/** The primary limit answers 403 or 429 with nothing remaining; the secondary one says so in its text. */
export function isRateLimit({ status, headers, text }: ApiAnswer): boolean {
  if (status === 429) return true;
  return status === 403 && (headers['x-ratelimit-remaining'] === '0' || /rate limit/i.test(text));
}

/** The typed failure behind an answer that is not a success. */
export function answerFailure(answer: ApiAnswer): PlimsollError {
  const { status, request } = answer;
  const { code, hint } = explain(answer);
  const reason = reasonOf(answer.text);
  return new PlimsollError(code, `${request}: ${status}${reason === undefined ? '' : ` (${reason})`}`, { hint });
}

function explain(answer: ApiAnswer): { code: ErrorCode; hint: string } {
  const { status } = answer;
  if (isRateLimit(answer)) {
    return { code: 'github-rate-limited', hint: `Run again ${whenReset(answer)}, or use a token with a higher limit.` };
  }
  if (status === 401) {
    return {
      code: 'github-denied',
      hint: 'The token is not valid: write "github-token: ${{ github.token }}" or leave it out.',
    };
  }
  if (status === 404) {
    return {
      code: 'github-not-found',
      hint: `Check the name. GitHub also says 404 when the token may not see it${needed(answer)}.`,
    };
  }
  if (status >= 500) {
    return {
      code: 'github-unreachable',
      hint: 'GitHub has a problem: look at www.githubstatus.com and run again later.',
    };
  }
  if (status >= 400) return { code: 'github-denied', hint: `The token may not do this${needed(answer)}.` };
  return { code: 'github-protocol', hint: 'Check GITHUB_API_URL and what stands between the runner and GitHub.' };
}

/** GitHub names the permission that would have done: `contents=read`, alternatives after a semicolon. */
function needed({ headers }: ApiAnswer): string {
  const accepted = headers['x-accepted-github-permissions']?.split(';')[0] ?? '';
  const lines = accepted.split(',').flatMap((pair) => {
    const [name, level] = pair.trim().split('=');
    return name && level ? [`${name.replaceAll('_', '-')}: ${level}`] : [];
  });
  return lines.length === 0 ? '' : `; write "permissions: ${lines.join(', ')}" in the job`;
}

function whenReset({ headers }: ApiAnswer): string {
  const reset = Number(headers['x-ratelimit-reset']);
  return reset > 0 ? `after ${new Date(reset * 1000).toISOString()}` : 'later';
}

function reasonOf(text: string): string | undefined {
  try {
    return pickText(JSON.parse(text), 'message')?.slice(0, LONGEST_REASON);
  } catch {
    // Not JSON, such as a proxy's page: its text explains nothing.
    return undefined;
  }
}
