import { canonicalPlatform } from '../oci/platform-names.ts';
import { type JsonInput, listOf, objectOf, parseJson, textOf, wrong } from './matrix-json.ts';
import { readPlatforms } from './platforms-input.ts';

/** The platforms of one image, each a job of its own, with labels for those that are to run elsewhere than GitHub has it. */
export interface DockerMatrix {
  /** `os/architecture[/variant]`, each once, in the order of the input. */
  readonly platforms: readonly string[];
  /** Labels for `runs-on` by platform. */
  readonly runners: Readonly<Record<string, string>>;
}

const INPUT: JsonInput = {
  name: 'docker-matrix',
  example:
    '{"platform": ["linux/amd64", "linux/arm64"]}, or with {"include": [{"platform": "linux/s390x", "runner": "label"}]}',
};
/** What matrices call the label of a runner. */
const RUNNER_KEYS = ['runner', 'runs-on', 'os'] as const;

/**
 * Reads the `docker-matrix` input, a matrix as ghcommon's workflows write it. As in GitHub's own, an entry of `include`
 * says more about a platform that is listed, or adds one.
 *
 * @throws PlimsollError `input-invalid`, also for a platform that would be built twice
 */
export function readDockerMatrix(text: string): DockerMatrix {
  const parsed = parseJson(INPUT, text);
  const { platform, include } = objectOf(INPUT, Array.isArray(parsed) ? { include: parsed } : parsed, [
    'platform',
    'include',
  ]);
  const listed = listOf(INPUT, 'platform', platform).map((one) => nameOf(one, 'platform'));
  const entries = listOf(INPUT, 'include', include).map(readEntry);
  refuseTwice(listed);
  refuseTwice(entries.map((entry) => entry.platform));
  const added = entries.map((entry) => entry.platform).filter((name) => !listed.includes(name));
  const platforms = [...listed, ...added];
  if (platforms.length === 0) throw wrong(INPUT, 'has no platform');
  const labels = entries.flatMap(({ platform: name, runner }) =>
    runner === undefined ? [] : [[name, runner] as const],
  );
  return { platforms: readPlatforms(platforms, INPUT.name), runners: Object.fromEntries(labels) };
}

function readEntry(value: unknown) {
  const entry = objectOf(INPUT, value, ['platform', ...RUNNER_KEYS]);
  const labels = RUNNER_KEYS.flatMap((key) => textOf(INPUT, key, entry[key]) ?? []);
  if (labels.length > 1) throw wrong(INPUT, `has several labels for one runner: ${labels.join(', ')}`);
  return { platform: nameOf(entry['platform'], 'include'), runner: labels[0] };
}

function nameOf(value: unknown, key: string): string {
  const name = textOf(INPUT, 'platform', value);
  if (name === undefined) throw wrong(INPUT, `has an entry of "${key}" without a platform`);
  return canonicalPlatform(name);
}

function refuseTwice(platforms: readonly string[]): void {
  const again = platforms.find((name, index) => platforms.indexOf(name) !== index);
  if (again !== undefined) throw wrong(INPUT, `has ${again} twice, and one job builds each platform`);
}
