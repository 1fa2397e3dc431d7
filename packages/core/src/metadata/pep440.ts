/** A version of a Python package (peps.python.org/pep-0440, appendix B). */
export interface Pep440Version {
  /** Normalised: `1.0.0rc1`, `1!2.0.post3`. */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Neither a pre-release, nor a post-release, nor a development release. */
  readonly final: boolean;
  /** A pre-release or a development release. */
  readonly early: boolean;
}

const VERSION =
  /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<preName>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>\d+)?)?(?:-(?<implicitPost>\d+)|(?<post>[-_.]?(?:post|rev|r)[-_.]?(?<postNumber>\d+)?))?(?<dev>[-_.]?dev[-_.]?(?<devNumber>\d+)?)?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i;

const PRE_NAMES: Readonly<Record<string, string>> = {
  alpha: 'a',
  beta: 'b',
  c: 'rc',
  pre: 'rc',
  preview: 'rc',
};

/** The version in normal form, or `undefined` when the text is none. */
export function parsePep440(text: string): Pep440Version | undefined {
  const groups = VERSION.exec(text.trim())?.groups;
  if (groups === undefined) return undefined;
  const numbers = (groups['release'] ?? '').split('.').map(Number);
  const pre = preRelease(groups);
  const post = postRelease(groups);
  const dev = groups['dev'] === undefined ? '' : `.dev${Number(groups['devNumber'] ?? 0)}`;
  const epoch = Number(groups['epoch'] ?? 0);
  const local = groups['local'] === undefined ? '' : `+${groups['local'].toLowerCase().replaceAll(/[-_]/g, '.')}`;
  return {
    version: `${epoch > 0 ? `${epoch}!` : ''}${numbers.join('.')}${pre}${post}${dev}${local}`,
    major: numbers[0] ?? 0,
    minor: numbers[1] ?? 0,
    patch: numbers[2] ?? 0,
    final: pre === '' && post === '' && dev === '',
    early: pre !== '' || dev !== '',
  };
}

type Groups = Readonly<Record<string, string | undefined>>;

function preRelease({ preName, preNumber }: Groups): string {
  if (preName === undefined) return '';
  const name = preName.toLowerCase();
  return `${PRE_NAMES[name] ?? name}${Number(preNumber ?? 0)}`;
}

function postRelease({ implicitPost, post, postNumber }: Groups): string {
  if (implicitPost !== undefined) return `.post${Number(implicitPost)}`;
  return post === undefined ? '' : `.post${Number(postNumber ?? 0)}`;
}
