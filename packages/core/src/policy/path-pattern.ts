/**
 * Whether a path is of a pattern: `*` stands for anything within a segment, `**` for anything at all. A leading slash
 * makes no difference, since paths inside images have one and paths in a repository have none.
 */
export function matchesPath(pattern: string, path: string): boolean {
  const parts = bare(pattern).split(/(\*\*\/|\*\*|\*)/);
  const source = parts
    .map((part) => WILDCARDS[part] ?? part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('');
  return new RegExp(`^${source}$`).test(bare(path));
}

const WILDCARDS: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*' };

function bare(path: string): string {
  return path.replace(/^\/+/, '');
}
