/** One thing that was looked at; `unknown` when nobody would say, which is neither good nor bad. */
export interface Diagnosis {
  readonly what: string;
  readonly state: 'ok' | 'problem' | 'unknown';
  /** The line to change, or what would tell; absent when all is well. */
  readonly hint?: string;
}

export function well(what: string): Diagnosis {
  return { what, state: 'ok' };
}

export function problem(what: string, hint: string): Diagnosis {
  return { what, state: 'problem', hint };
}

export function unknown(what: string, hint: string): Diagnosis {
  return { what, state: 'unknown', hint };
}
