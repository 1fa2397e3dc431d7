import type { ErrorCode } from '../../runtime/error-codes.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import { bareMediaType } from '../media-types.ts';

/** A request as messages name it: never with its query (upload state, signatures) or its headers. */
export interface RequestName {
  readonly method: string;
  readonly url: URL;
}

/** An answer that is not what was asked for. */
export interface Refusal extends RequestName {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Whether credentials went with the request. */
  readonly authenticated: boolean;
}

interface Row {
  readonly code: ErrorCode;
  readonly hint: string;
}

const LOGIN =
  'Give credentials in registry-auth (for ghcr.io, github-token with `packages: write`), or run docker login before. A secret that nobody set is an empty string.';

const BY_STATUS: Readonly<Record<number, Row>> = {
  400: {
    code: 'registry-rejected',
    hint: 'The registry found the request or content invalid; its own words are in the message.',
  },
  401: { code: 'registry-unauthorized', hint: LOGIN },
  403: {
    code: 'registry-denied',
    hint: 'For ghcr.io give the job `permissions: packages: write`; elsewhere use an account that may write to this repository.',
  },
  404: {
    code: 'registry-not-found',
    hint: 'Check the repository name and digest; private repositories also answer so to strangers.',
  },
  405: {
    code: 'registry-rejected',
    hint: 'This registry does not offer the operation; ghcr.io deletes through the GitHub API only.',
  },
  409: {
    code: 'tag-immutable',
    hint: 'Release under a new tag, or exempt this tag from the immutability rule of the registry.',
  },
  429: {
    code: 'registry-rate-limited',
    hint: 'Run again later, or log in: anonymous clients share one quota per address.',
  },
};

const NO_DELETE: Row = {
  code: 'registry-delete-disabled',
  hint: 'Write "storage: delete: enabled: true" into the configuration of the registry (distribution: REGISTRY_STORAGE_DELETE_ENABLED=true), and start it again; ghcr.io deletes through the GitHub API only.',
};

const OTHER: Row = {
  code: 'registry-rejected',
  hint: 'Check that the host is an OCI registry and the reference names a repository in it.',
};
const SERVER: Row = {
  code: 'registry-unavailable',
  hint: 'Run again when the registry has recovered; finished work is not repeated.',
};
const PROTOCOL_HINT =
  'Check the host name; a login page, proxy or maintenance page may stand in front of the registry.';

/** The typed error of an answer, by the table above. */
export function refusal(answer: Refusal): PlimsollError {
  const row = rowFor(answer);
  const because = registryWords(answer.text);
  const message = `${requestName(answer)} answered ${answer.status}${because === '' ? '' : `: ${because}`}`;
  return new PlimsollError(row.code, message, { hint: row.hint });
}

export function requestName({ method, url }: RequestName): string {
  return `${method} ${url.host}${url.pathname}`;
}

/** No usable answer came. An expected failure inside the transport's error (of a body's source) stays what it is. */
export function unreachable(request: RequestName, error: unknown): PlimsollError {
  const inner = innerFailure(error);
  if (inner !== undefined) return inner;
  const why = error instanceof Error ? transportWords(error) : 'no answer';
  return new PlimsollError('registry-unreachable', `${requestName(request)} failed: ${why}`, {
    hint: 'Check the host and port, and that the runner can reach it (proxy, firewall, certificate).',
    cause: error,
  });
}

export function protocolFailure(request: RequestName, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('registry-protocol', `${requestName(request)}: ${why}`, { hint: PROTOCOL_HINT, cause });
}

export function isHtml(headers: Readonly<Record<string, string>>): boolean {
  return ['text/html', 'application/xhtml+xml'].includes(bareMediaType(headers['content-type']));
}

/** The codes of an error answer (distribution specification, "Error Codes"). */
export function errorCodes(text: string): readonly string[] {
  return errorsOf(text).map(({ code }) => code);
}

/** A failure of ours that the transport wrapped on its way, such as a digest mismatch in an upload's source. */
function innerFailure(error: unknown): PlimsollError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (isFailure(at)) return at;
  }
  return undefined;
}

/** Statuses with which registries say that there is no room; their words tell it from other reasons. */
const QUOTA_STATUSES: ReadonlySet<number> = new Set([400, 403, 412, 413, 507]);
const QUOTA: Row = {
  code: 'registry-quota',
  hint: 'Make room, for instance with the prune action, or have the quota of the account or project raised.',
};

function rowFor(answer: Refusal): Row {
  const { status, headers, text, authenticated } = answer;
  if (deletesNothing(answer)) return NO_DELETE;
  if (status === 403 && /rate.?limit|too many requests|toomanyrequests/i.test(text)) return BY_STATUS[429] ?? OTHER;
  if (status === 507 || (QUOTA_STATUSES.has(status) && /quota|storage limit/i.test(text))) return QUOTA;
  // A success or redirect that was not asked for is as little an answer as a page is.
  if (status < 400 || (status === 404 && isHtml(headers))) return { code: 'registry-protocol', hint: PROTOCOL_HINT };
  if (status === 403 && !authenticated) return { code: 'registry-denied', hint: LOGIN };
  if (status === 401 && authenticated) {
    return {
      code: 'registry-unauthorized',
      hint: 'The credentials were refused: check user name and token, and that the token has not expired.',
    };
  }
  return BY_STATUS[status] ?? (status >= 500 || status === 408 || status === 499 ? SERVER : OTHER);
}

/** Distribution answers 405 UNSUPPORTED while deletion is off in its storage; zot's 405 DENIED is about one manifest only. */
function deletesNothing({ method, status, text }: Refusal): boolean {
  if (method !== 'DELETE') return false;
  const codes = errorCodes(text);
  return codes.includes('UNSUPPORTED') || (status === 405 && !codes.includes('DENIED'));
}

function registryWords(text: string): string {
  const errors = errorsOf(text);
  const words =
    errors.length > 0 ? errors.map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; ') : text;
  return /^\s*</.test(words)
    ? 'an HTML page'
    : words
        .replace(/[\s\p{Cc}]+/gu, ' ')
        .trim()
        .slice(0, 300);
}

function errorsOf(text: string): { code: string; message: string }[] {
  try {
    const body = JSON.parse(text) as { errors?: unknown } | null;
    const errors: unknown = body?.errors;
    if (!Array.isArray(errors)) return [];
    return errors.map((error: { code?: unknown; message?: unknown } | null) => ({
      code: wordOf(error?.code),
      message: wordOf(error?.message),
    }));
  } catch {
    return [];
  }
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function transportWords(error: Error): string {
  const inner = error.cause instanceof Error ? error.cause : error;
  const words = inner.message || ('code' in inner ? String(inner.code) : inner.name);
  return words.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, 200);
}
