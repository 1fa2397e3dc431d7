import * as v from 'valibot';
import { isDay } from '../../policy/day.ts';
import { readYaml as readLocatedYaml } from '../../policy/located-yaml.ts';
import type { Suppression } from '../../policy/suppression.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { packageProduct, type VexImage } from './vex-scope.ts';

/** Suppressions that somebody wrote for another tool, and what is wanting in them. */
export interface ForeignSuppressions {
  readonly suppressions: readonly Suppression[];
  /** The opposite: what is stated to be affected. */
  readonly affected: readonly Suppression[];
  /** One sentence each. */
  readonly notes: readonly string[];
}

const words = v.pipe(v.string(), v.trim(), v.minLength(1));
const strings = v.optional(v.array(words), []);
/** Trivy reads a time too, and takes its day. */
const day = v.pipe(
  v.string(),
  v.check(
    (text) => isDay(text.slice(0, 10)) && (text.length === 10 || !Number.isNaN(Date.parse(text))),
    'write a day that exists, as YYYY-MM-DD',
  ),
  v.transform((text) => text.slice(0, 10)),
);
const entry = v.strictObject({
  id: words,
  paths: strings,
  purls: strings,
  expired_at: v.optional(day),
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
export function readTrivyIgnore(text: string, name: string, image: TrivyIgnoreImage): ForeignSuppressions {
  return /\.ya?ml$/.test(name) ? readYaml(text, name, image) : readPlain(text, name, image);
}

/** The platforms that package URLs may mean by their architecture. */
type TrivyIgnoreImage = Pick<VexImage, 'platforms'>;

function readPlain(text: string, name: string, image: TrivyIgnoreImage): ForeignSuppressions {
  const found = text.split(/\r?\n/).flatMap((line, at): readonly Entry[] => {
    const [id, ...rest] = line
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .split(/\s+/);
    if (id === undefined || id === '') return [];
    const until = rest.find((word) => word.startsWith('exp:'))?.slice(4);
    if (rest.some((word) => !word.startsWith('exp:')) || (until !== undefined && !isDay(until))) {
      throw invalid(`${name}:${at + 1}`, `"${line.trim().slice(0, 100)}" is not "ID" or "ID exp:YYYY-MM-DD"`);
    }
    return [{ id, paths: [], purls: [], expired_at: until }];
  });
  return collect(found, name, image);
}

const KIND = {
  schema: file,
  code: 'policy-invalid',
  whole: 'the ignore file',
  described: 'https://trivy.dev/docs/latest/configuration/filtering',
} as const;

function readYaml(text: string, name: string, image: TrivyIgnoreImage): ForeignSuppressions {
  const { value } = readLocatedYaml(text, name, () => KIND);
  const { vulnerabilities, misconfigurations, secrets, licenses } = value;
  const { notes, ...read } = collect([...vulnerabilities, ...misconfigurations, ...licenses], name, image);
  const refused = secrets.map(
    ({ id }) =>
      `${name}: the secret rule ${id} is not suppressed: name the fingerprint of the secret in scan.suppressions instead.`,
  );
  return { ...read, notes: [...notes, ...refused] };
}

function collect(found: readonly Entry[], name: string, image: TrivyIgnoreImage): ForeignSuppressions {
  const read = found.flatMap((each) => suppressionsOf(each, name, image));
  return {
    suppressions: read.flatMap(({ suppression, doubt }) => (doubt === undefined ? [suppression] : [])),
    affected: [],
    notes: [
      ...found.flatMap(({ id, statement, expired_at: until }) => [
        ...(statement === undefined ? [`${name}: ${id} gives no reason.`] : []),
        ...(until === undefined ? [`${name}: ${id} never expires.`] : []),
      ]),
      ...read.flatMap(({ suppression: { id }, doubt }) =>
        doubt === undefined ? [] : [`${name}: ${id} is not applied: ${doubt}.`],
      ),
    ],
  };
}

interface Read {
  readonly suppression: Suppression;
  readonly doubt?: string | undefined;
}

function suppressionsOf(
  { id, statement, expired_at: until, paths, purls }: Entry,
  name: string,
  image: TrivyIgnoreImage,
): readonly Read[] {
  const common: Suppression = {
    id,
    reason: statement ?? 'no reason given',
    origin: name,
    ...(until === undefined ? {} : { expires: until }),
    ...(paths.length === 0 ? {} : { paths }),
  };
  if (purls.length === 0) return [{ suppression: common }];
  return purls.flatMap((purl) => {
    const { scopes, doubt } = packageProduct(purl, image);
    return scopes.map((scope) => ({ suppression: { ...common, ...scope }, doubt }));
  });
}

function invalid(place: string, message: string): PlimsollError {
  return new PlimsollError('policy-invalid', `${place}: ${message}`, {
    hint: 'Correct the file on the default branch, or leave out the input "trivy-ignorefile".',
  });
}
