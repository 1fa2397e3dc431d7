import * as v from 'valibot';
import { parse } from 'yaml';
import type { Suppression } from '../../policy/gate.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { barePurl, versionOf } from './package-url.ts';

/** Suppressions that somebody wrote for another tool, and what is wanting in them. */
export interface ForeignSuppressions {
  readonly suppressions: readonly Suppression[];
  /** One sentence each. */
  readonly notes: readonly string[];
}

const words = v.pipe(v.string(), v.trim(), v.minLength(1));
const strings = v.optional(v.array(words), []);
const day = v.optional(v.union([v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d/)), v.date()]));
const entry = v.strictObject({
  id: words,
  paths: strings,
  purls: strings,
  expired_at: day,
  statement: v.optional(words),
});
const entries = v.optional(v.array(entry), []);

/**
 * `.trivyignore.yaml` (trivy 0.72, "Filtering"). Trivy itself reads a mistyped key as "for ever" or as nothing; here it
 * is an error.
 */
const file = v.strictObject({
  vulnerabilities: entries,
  misconfigurations: entries,
  secrets: entries,
  licenses: entries,
});

type Entry = v.InferOutput<typeof entry>;

/**
 * Reads `.trivyignore` or, by its ending, `.trivyignore.yaml`.
 *
 * @throws PlimsollError `policy-invalid` with the line or the key
 */
export function readTrivyIgnore(text: string, name: string): ForeignSuppressions {
  return /\.ya?ml$/.test(name) ? readYaml(text, name) : readPlain(text, name);
}

function readPlain(text: string, name: string): ForeignSuppressions {
  const found = text.split(/\r?\n/).flatMap((line, at): readonly Entry[] => {
    const [id, ...rest] = line
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .split(/\s+/);
    if (id === undefined || id === '') return [];
    const until = rest.find((word) => word.startsWith('exp:'))?.slice(4);
    if (rest.some((word) => !word.startsWith('exp:')) || (until !== undefined && Number.isNaN(Date.parse(until)))) {
      throw invalid(`${name}:${at + 1}`, `"${line.trim().slice(0, 100)}" is not "ID" or "ID exp:YYYY-MM-DD"`);
    }
    return [{ id, paths: [], purls: [], expired_at: until }];
  });
  return collect(found, name);
}

function readYaml(text: string, name: string): ForeignSuppressions {
  let plain: unknown;
  try {
    plain = parse(text) ?? {};
  } catch (error) {
    throw invalid(name, (error as Error).message.split('\n', 1)[0] ?? 'it is not YAML');
  }
  const parsed = v.safeParse(file, plain);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw invalid(name, `"${v.getDotPath(issue) ?? ''}": ${issue.message}`);
  }
  const { vulnerabilities, misconfigurations, secrets, licenses } = parsed.output;
  const { suppressions, notes } = collect([...vulnerabilities, ...misconfigurations, ...licenses], name);
  const refused = secrets.map(
    ({ id }) =>
      `${name}: the secret rule ${id} is not suppressed: name the fingerprint of the secret in scan.suppressions instead.`,
  );
  return { suppressions, notes: [...notes, ...refused] };
}

function collect(found: readonly Entry[], name: string): ForeignSuppressions {
  return {
    suppressions: found.flatMap((each) => suppressionsOf(each, name)),
    notes: found.flatMap(({ id, statement, expired_at: until }) => [
      ...(statement === undefined ? [`${name}: ${id} gives no reason.`] : []),
      ...(until === undefined ? [`${name}: ${id} never expires.`] : []),
    ]),
  };
}

function suppressionsOf(
  { id, statement, expired_at: until, paths, purls }: Entry,
  name: string,
): readonly Suppression[] {
  const common: Suppression = {
    id,
    reason: statement ?? 'no reason given',
    origin: name,
    ...(until === undefined ? {} : { expires: (typeof until === 'string' ? until : until.toISOString()).slice(0, 10) }),
    ...(paths.length === 0 ? {} : { paths }),
  };
  if (purls.length === 0) return [common];
  return purls.map((purl) => {
    const version = versionOf(purl);
    return { ...common, package: barePurl(purl), ...(version === undefined ? {} : { version }) };
  });
}

function invalid(place: string, message: string): PlimsollError {
  return new PlimsollError('policy-invalid', `${place}: ${message}`, {
    hint: 'Correct the file on the default branch, or leave out the input "trivy-ignorefile".',
  });
}
