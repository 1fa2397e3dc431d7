import type { Outcome } from './verdict.ts';

/** Why there is no verdict, and what a person does about it. */
export interface ScanProblem {
  /** `error`: a tool broke. `incomplete`: something that had to be looked at was not. */
  readonly outcome: 'error' | 'incomplete';
  /** One sentence. */
  readonly what: string;
  /** What to write or run. */
  readonly todo: string;
}

export function broken(what: string, todo: string): ScanProblem {
  return { outcome: 'error', what, todo };
}

export function missing(what: string, todo: string): ScanProblem {
  return { outcome: 'incomplete', what, todo };
}

/** A broken tool outweighs a gap, a gap outweighs the judgement: findings cannot be counted before everything was looked at. */
export function outcomeOf(problems: readonly ScanProblem[], judged: 'pass' | 'fail'): Outcome {
  if (problems.some((problem) => problem.outcome === 'error')) return 'error';
  return problems.length > 0 ? 'incomplete' : judged;
}
