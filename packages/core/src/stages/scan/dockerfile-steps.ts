/** An instruction of a Dockerfile. */
export interface DockerfileStep {
  /** In capitals. */
  readonly keyword: string;
  /** Its arguments on one line, continued lines joined as BuildKit joins them. */
  readonly text: string;
  /** One-based, where it begins. */
  readonly line: number;
}

/** A `FROM` and what follows it. */
export interface DockerfileStage {
  readonly from: DockerfileStep;
  /** In small letters, as BuildKit compares them. */
  readonly base: string;
  readonly name?: string;
  readonly steps: readonly DockerfileStep[];
}

const COMMENT = /^\s*#/;
const ESCAPE = /^\s*#\s*escape\s*=\s*(\S)/i;
/** What may hold the beginning of a heredoc; in others `<<` is text. */
const HEREDOC_KEYWORDS = ['RUN', 'COPY', 'ADD'];

/** The stages of a Dockerfile, with the line of each instruction (docs.docker.com/reference/dockerfile). */
export function parseDockerfile(text: string): readonly DockerfileStage[] {
  const stages: { from: DockerfileStep; base: string; name?: string; steps: DockerfileStep[] }[] = [];
  for (const step of stepsOf(text)) {
    if (step.keyword === 'FROM') stages.push(stageOf(step));
    else stages.at(-1)?.steps.push(step);
  }
  return stages;
}

/**
 * The stage that is built and those of the same file that it stands on, the bottom first.
 *
 * @param target its name or number; the last one unless given
 */
export function stagesBelow(stages: readonly DockerfileStage[], target?: string): readonly DockerfileStage[] {
  const wanted = target?.toLowerCase();
  const named = stages.findIndex(({ name }, at) => name === wanted || String(at) === wanted);
  const top = wanted === undefined ? stages.length - 1 : named;
  const stage = stages[top];
  if (stage === undefined) return [];
  const below = stages.slice(0, top).findLastIndex(({ name }) => name === stage.base);
  return below === -1 ? [stage] : [...stagesBelow(stages.slice(0, below + 1)), stage];
}

function stageOf(from: DockerfileStep) {
  const [base = '', as, name] = from.text.replace(/^(?:--\S+\s+)+/, '').split(/\s+/);
  const named = as?.toLowerCase() === 'as' && name !== undefined ? { name: name.toLowerCase() } : {};
  return { from, base: base.toLowerCase(), ...named, steps: [] };
}

function* stepsOf(text: string): Iterable<DockerfileStep> {
  const lines = text.split(/\r?\n/);
  const continues = ESCAPE.exec(lines[0] ?? '')?.[1] === '`' ? /`\s*$/ : /\\\s*$/;
  for (let at = 0; at < lines.length; at += 1) {
    const line = at + 1;
    if (isEmpty(lines[at])) continue;
    let whole = lines[at] ?? '';
    while (continues.test(whole) && at + 1 < lines.length) {
      at += 1;
      // Comments and empty lines between continued lines are no end of the instruction.
      whole = isEmpty(lines[at]) ? whole : whole.replace(continues, '') + lines[at];
    }
    const [, keyword = '', rest = ''] = /^\s*(\w+)\s*([^]*)$/.exec(whole) ?? [];
    for (const mark of heredocs(keyword, rest)) {
      while (at + 1 < lines.length && lines[at + 1]?.replace(/^\t+/, '') !== mark) at += 1;
      at += 1;
    }
    yield { keyword: keyword.toUpperCase(), text: rest.replace(continues, '').trim(), line };
  }
}

function isEmpty(line = ''): boolean {
  return line.trim() === '' || COMMENT.test(line);
}

function heredocs(keyword: string, text: string): readonly string[] {
  if (!HEREDOC_KEYWORDS.includes(keyword.toUpperCase())) return [];
  return [...text.matchAll(/<<-?(["']?)(\w+)\1/g)].flatMap((match) => match[2] ?? []);
}
