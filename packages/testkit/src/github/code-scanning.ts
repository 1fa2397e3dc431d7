import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Run } from 'sarif';
import type { JsonAnswer } from '../world/local-server.ts';

/** An upload that was taken. */
export interface Analysis {
  readonly id: string;
  readonly repository: string;
  readonly commit: string;
  readonly ref: string;
  /** Text, unpacked. */
  readonly sarif: string;
  /** Questions about it so far. */
  asked: number;
}

export type Refusal = 'permission' | 'disabled' | 'absent' | 'invalid';

const UPLOAD = /^\/repos\/([^/]+\/[^/]+)\/code-scanning\/sarifs$/;
const LIST = /^\/repos\/([^/]+\/[^/]+)\/code-scanning\/analyses$/;
const STATE = /^\/repos\/[^/]+\/[^/]+\/code-scanning\/sarifs\/([^/]+)$/;
const TOO_MANY_RUNS = 'rejecting SARIF, as there are more runs than allowed (21 > 20)';
const REFUSALS: Readonly<Record<Exclude<Refusal, 'invalid'>, JsonAnswer>> = {
  permission: { status: 403, body: { message: 'Resource not accessible by integration' } },
  disabled: {
    status: 403,
    body: { message: 'Code Security must be enabled for this repository to use code scanning.' },
  },
  absent: { status: 404, body: { message: 'Not Found' } },
};

/** GitHub's code-scanning API, as far as uploads go (docs.github.com/rest/code-scanning). */
export class CodeScanning {
  readonly analyses: Analysis[] = [];
  /** Why nothing is taken; `invalid` is only found out while it is read. */
  refuses: Refusal | undefined;

  /** `undefined` for what is none of its business. */
  handle(method: string, { pathname: path, searchParams }: URL, body: Buffer): JsonAnswer | undefined {
    const asked = LIST.exec(path)?.[1];
    if (asked !== undefined && method === 'GET') return this.#list(asked, searchParams);
    const repository = UPLOAD.exec(path)?.[1];
    if (repository !== undefined && method === 'POST') return this.#take(repository, body);
    const id = STATE.exec(path)?.[1];
    return id !== undefined && method === 'GET' ? this.#state(id) : undefined;
  }

  #take(repository: string, body: Buffer): JsonAnswer {
    if (this.refuses !== undefined && this.refuses !== 'invalid') return REFUSALS[this.refuses];
    const given = JSON.parse(body.toString()) as Record<string, unknown>;
    const { commit_sha: commit, ref, sarif } = given;
    if (typeof commit !== 'string' || !/^[0-9a-f]{40}$/.test(commit)) return invalid('commit_sha is missing');
    if (typeof ref !== 'string' || !/^refs\/(heads|pull|tags)\//.test(ref)) return invalid('ref is not a full ref');
    if (typeof sarif !== 'string') return invalid('sarif is missing');
    const id = randomUUID();
    const text = gunzipSync(Buffer.from(sarif, 'base64')).toString();
    this.analyses.push({ id, repository, commit, ref, sarif: text, asked: 0 });
    return { status: 202, body: { id, url: `https://api.github.com/repos/${repository}/code-scanning/sarifs/${id}` } };
  }

  /** The newest first, by pages. */
  #list(repository: string, query: URLSearchParams): JsonAnswer {
    const ref = query.get('ref');
    const [size, page] = [Number(query.get('per_page') ?? 30), Number(query.get('page') ?? 1)];
    const wanted = this.analyses.filter((each) => each.repository === repository && each.ref === ref);
    const body = wanted.toReversed().flatMap(({ sarif }) =>
      runsIn(sarif).map(({ automationDetails, results }) => ({
        category: automationDetails?.id?.replace(/\/[^/]*$/, ''),
        results_count: results?.length ?? 0,
      })),
    );
    return { status: 200, body: body.slice((page - 1) * size, page * size) };
  }

  /** Pending at first, as GitHub is. */
  #state(id: string): JsonAnswer {
    const analysis = this.analyses.find((each) => each.id === id);
    if (analysis === undefined) return { status: 404, body: { message: 'Not Found' } };
    analysis.asked += 1;
    if (analysis.asked === 1) return { status: 200, body: { processing_status: 'pending' } };
    const errors = this.refuses === 'invalid' ? [TOO_MANY_RUNS] : faultsOf(runsIn(analysis.sarif));
    if (errors.length > 0) return { status: 200, body: { processing_status: 'failed', errors } };
    return { status: 200, body: { processing_status: 'complete', analyses_url: '' } };
  }
}

/** Limits of GitHub that it tells while it reads. */
function faultsOf(runs: readonly Run[]): readonly string[] {
  const categories = runs.map(({ tool, automationDetails }) => `${tool.driver.name} ${automationDetails?.id ?? ''}`);
  return [
    ...(runs.length > 20 ? [TOO_MANY_RUNS] : []),
    ...runs.flatMap(({ results = [] }) => (results.length > 25_000 ? ['more results than allowed'] : [])),
    ...(new Set(categories).size < categories.length ? ['multiple runs with the same tool and category'] : []),
  ];
}

function runsIn(sarif: string): readonly Run[] {
  return (JSON.parse(sarif) as { readonly runs: readonly Run[] }).runs;
}

function invalid(message: string): JsonAnswer {
  return { status: 422, body: { message } };
}
