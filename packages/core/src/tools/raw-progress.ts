import * as v from 'valibot';

/** What a build tells of one step, over time; `--progress=rawjson` writes it, one JSON object a line (BuildKit's `client.SolveStatus`). */
const status = v.object({
  vertexes: v.optional(
    v.array(
      v.object({
        digest: v.string(),
        name: v.optional(v.string(), ''),
        started: v.optional(v.string()),
        completed: v.optional(v.string()),
        cached: v.optional(v.boolean(), false),
        error: v.optional(v.string()),
      }),
    ),
    [],
  ),
  statuses: v.optional(v.array(v.unknown()), []),
  logs: v.optional(v.array(v.object({ vertex: v.string(), stream: v.number(), data: v.string() })), []),
});

/** One step of a build, as far as it got. */
export interface StepProgress {
  readonly started: boolean;
  readonly completed: boolean;
  readonly cached: boolean;
  /** Why it failed. */
  readonly error: string | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Follows the one RUN step of a build. */
export class RunProgress {
  readonly #onWork: () => void;
  readonly #output = { 1: [] as Buffer[], 2: [] as Buffer[] };
  #step = '';
  #seen = { started: false, completed: false, cached: false, error: undefined as string | undefined };

  /** @param onWork called when the step starts, and while layers are still unpacked for it */
  constructor(onWork: () => void) {
    this.#onWork = onWork;
  }

  /** @param line of standard error; what is no progress is left alone */
  read(line: string): void {
    if (!line.startsWith('{')) return;
    const parsed = v.safeParse(status, json(line));
    if (!parsed.success) return;
    const { vertexes, statuses, logs } = parsed.output;
    for (const vertex of vertexes) this.#vertex(vertex);
    if (statuses.length > 0 && this.#seen.started) this.#onWork();
    for (const { vertex, stream, data } of logs) {
      if (vertex === this.#step && (stream === 1 || stream === 2))
        this.#output[stream].push(Buffer.from(data, 'base64'));
    }
  }

  get step(): StepProgress {
    return { ...this.#seen, stdout: Buffer.concat(this.#output[1]), stderr: Buffer.concat(this.#output[2]) };
  }

  #vertex({ digest, name, started, completed, cached, error }: Vertex): void {
    if (!/^\[[^\]]+\] RUN /.test(name)) return;
    this.#step = digest;
    const begins = started !== undefined && !this.#seen.started;
    const seen = this.#seen;
    this.#seen = {
      started: seen.started || started !== undefined,
      completed: seen.completed || completed !== undefined,
      cached: seen.cached || cached,
      error: error ?? seen.error,
    };
    if (begins) this.#onWork();
  }
}

type Vertex = v.InferOutput<typeof status>['vertexes'][number];

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
