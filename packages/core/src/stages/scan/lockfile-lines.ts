/** What an entry of a lockfile says of a package. */
export interface LockedPackage {
  /** As the ecosystem writes it; `group:artifact` for Maven. */
  readonly name: string;
  readonly versions: readonly string[];
}

interface Form {
  readonly file: RegExp;
  /** The line at which an entry of the package begins. */
  readonly entry: (name: string) => RegExp;
  /** Where only some entries can be nothing else, as those are: a key may have the name of a package. */
  readonly sure?: (name: string) => RegExp;
  /** Stands nearest to the right one, when there are several. */
  readonly near?: (version: string, name: string) => RegExp;
}

const BEFORE = 2;
const AFTER = 4;

const quote = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
/** `-`, `_` and `.` are the same in names of Python packages (PEP 503). */
const python = (name: string) =>
  name
    .split(/[-_.]+/)
    .map(quote)
    .join('[-_.]+');
const group = (name: string) => quote(name.split(':')[0] ?? '');
const artifact = (name: string) => quote(name.split(':')[1] ?? name);
const quoted = (version: string) => new RegExp(`"(?:==|v)?${quote(version)}"`);

/** How each kind of lockfile writes a package. */
const FORMS: readonly Form[] = [
  {
    file: /^(package-lock|npm-shrinkwrap)\.json$/,
    entry: (name) => new RegExp(`"(?:[^"]*node_modules/)?${quote(name)}"\\s*:\\s*\\{`),
    sure: (name) => new RegExp(`node_modules/${quote(name)}"`),
    near: quoted,
  },
  {
    file: /^yarn\.lock$/,
    entry: (name) => new RegExp(`^"?${quote(name)}@`),
    near: (version) => new RegExp(`^\\s+version:? "?${quote(version)}"?$`),
  },
  {
    file: /^pnpm-lock\.yaml$/,
    entry: (name) => new RegExp(`^  ['"]?/?${quote(name)}[@/]\\d`),
    near: (version, name) => new RegExp(`^  ['"]?/?${quote(name)}[@/]${quote(version)}\\b`),
  },
  {
    file: /^bun\.lock$/,
    entry: (name) => new RegExp(`\\["${quote(name)}@`),
    near: (version, name) => new RegExp(`\\["${quote(name)}@${quote(version)}"`),
  },
  {
    file: /^go\.mod$/,
    entry: (name) =>
      name === 'stdlib' ? /^(?:go|toolchain)\s/ : new RegExp(`^\\s*(?:require\\s+)?${quote(name)}\\s+v`),
    near: (version, name) => new RegExp(`${quote(name)}\\s+v?${quote(version)}(?:\\s|$)`),
  },
  { file: /requirements.*\.txt$/, entry: (name) => new RegExp(`^\\s*${python(name)}\\s*(?:[[;=<>~!@#]|$)`, 'i') },
  {
    file: /^(Cargo|poetry|pdm|uv)\.lock$|^pylock\..*toml$/,
    entry: (name) => new RegExp(`^\\s*name\\s*=\\s*"${python(name)}"`, 'i'),
    near: (version) => new RegExp(`^\\s*version\\s*=\\s*"${quote(version)}"`),
  },
  { file: /^Pipfile\.lock$/, entry: (name) => new RegExp(`"${python(name)}"\\s*:\\s*\\{`, 'i'), near: quoted },
  { file: /^(Gemfile\.lock|gems\.locked)$/, entry: (name) => new RegExp(`^    ${quote(name)} \\(`) },
  {
    file: /^composer\.lock$/,
    entry: (name) => new RegExp(`"name"\\s*:\\s*"${quote(name)}"`, 'i'),
    near: quoted,
  },
  {
    file: /^pom\.xml$/,
    entry: (name) => new RegExp(`<artifactId>\\s*${artifact(name)}\\s*<`),
    near: (_version, name) => new RegExp(`<groupId>\\s*${group(name)}\\s*<`),
  },
  { file: /gradle\.lockfile$/, entry: (name) => new RegExp(`^${group(name)}:${artifact(name)}:`) },
  {
    file: /^verification-metadata\.xml$/,
    entry: (name) => new RegExp(`group="${group(name)}"\\s+name="${artifact(name)}"`),
    near: (version) => new RegExp(`version="${quote(version)}"`),
  },
  { file: /^packages\.config$/, entry: (name) => new RegExp(`\\bid="${quote(name)}"`, 'i'), near: quoted },
  { file: /^packages\.lock\.json$/, entry: (name) => new RegExp(`"${quote(name)}"\\s*:\\s*\\{`, 'i'), near: quoted },
  { file: /\.deps\.json$/, entry: (name) => new RegExp(`"${quote(name)}/[^"]+"\\s*:`, 'i') },
  // Two spaces and nothing behind it: what is said of a package stands deeper, and of the SDKs it stands on the line.
  { file: /^pubspec\.lock$/, entry: (name) => new RegExp(`^  "?${quote(name)}"?:\\s*$`) },
  { file: /^mix\.lock$/, entry: (name) => new RegExp(`^\\s*"${quote(name)}"\\s*:\\s*\\{`) },
  { file: /^renv\.lock$/, entry: (name) => new RegExp(`^\\s*"${quote(name)}"\\s*:\\s*\\{`), near: quoted },
  { file: /^conan\.lock$/, entry: (name) => new RegExp(`"${quote(name)}/`) },
  {
    file: /^(stack\.yaml\.lock|cabal\.project\.freeze)$/,
    entry: (name) => new RegExp(`(?<![\\w-])${quote(name)}(?: ==|-\\d)`),
  },
];

/**
 * The one-based line at which a lockfile names a package; the first of its versions, when the file has several.
 * `undefined` when no line does, or when nobody knows how such a file is written.
 */
export function lockfileLine(file: string, lines: readonly string[], wanted: LockedPackage): number | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const form = FORMS.find((each) => each.file.test(name));
  if (form === undefined) return undefined;
  const entry = form.entry(wanted.name);
  const possible = lines.flatMap((line, at) => (entry.test(line) ? [at] : []));
  const certain = possible.filter((at) => form.sure?.(wanted.name).test(lines[at] ?? ''));
  const entries = certain.length > 0 ? certain : possible;
  const marks = form.near === undefined ? [] : wanted.versions.map((version) => form.near?.(version, wanted.name));
  const distances = entries.map((at) => distance(lines, at, marks));
  const found = entries[Math.max(0, distances.indexOf(Math.min(...distances)))];
  return found === undefined ? undefined : found + 1;
}

/** How many lines away from an entry the nearest line is that bears a mark; infinite when none is near. */
function distance(lines: readonly string[], entry: number, marks: readonly (RegExp | undefined)[]): number {
  const near = lines.slice(Math.max(0, entry - BEFORE), entry + AFTER + 1);
  const first = Math.min(entry, BEFORE);
  const away = near.flatMap((line, at) => (marks.some((mark) => mark?.test(line)) ? [Math.abs(at - first)] : []));
  return Math.min(Number.POSITIVE_INFINITY, ...away);
}
