import type { JsonAnswer } from '../world/local-server.ts';

/** A workflow run, as the REST API lists it. */
export interface EmulatedRun {
  readonly id: number;
  /** Name of the workflow. */
  readonly name: string;
  /** Its file, such as `release.yml`. */
  readonly file: string;
  readonly run_number: number;
  readonly html_url: string;
  readonly head_branch: string;
  readonly event: string;
  readonly status: 'completed' | 'in_progress';
  readonly conclusion: string | null;
  readonly run_started_at: string;
  readonly updated_at: string;
}

const LIST = /^\/repos\/[^/]+\/[^/]+\/actions(?:\/workflows\/(?<file>[^/]+))?\/runs$/;

/** The list of workflow runs (docs.github.com/rest/actions/workflow-runs), the newest first. */
export class WorkflowRuns {
  readonly all: EmulatedRun[] = [];
  /** The job has no `actions: read`. */
  denied = false;

  /** `undefined` for what is none of its business. */
  handle(method: string, url: URL): JsonAnswer | undefined {
    const match = LIST.exec(url.pathname);
    if (match === null || method !== 'GET') return undefined;
    if (this.denied) return { status: 403, body: { message: 'Resource not accessible by integration' } };
    const { searchParams: query } = url;
    const file = match.groups?.['file'];
    const wanted = (key: string, value: string) => (query.get(key) ?? value) === value;
    const found = this.all.filter(
      (run) =>
        (file === undefined || decodeURIComponent(file) === run.file) &&
        wanted('branch', run.head_branch) &&
        wanted('event', run.event) &&
        wanted('status', run.status),
    );
    const listed = found.toSorted((a, b) => b.id - a.id).slice(0, Number(query.get('per_page') ?? '30'));
    return { status: 200, body: { total_count: found.length, workflow_runs: listed } };
  }
}
