import { pick, pickText } from '../../runtime/pick.ts';
import { barePurl } from './package-url.ts';

/**
 * Where trivy found each package, by package URL without version, so that two scanners name the same place: the file of the
 * package itself, else the lockfile or binary that lists it.
 *
 * @param document CycloneDX, as trivy writes it
 */
export function packagePaths(document: object): ReadonlyMap<string, readonly string[]> {
  const components = listOf(document, 'components');
  const parents = parentsOf(document, components);
  const paths = new Map<string, string[]>();
  for (const component of components) {
    const purl = pickText(component, 'purl');
    if (purl === undefined) continue;
    const own = filePath(component);
    const found = own === undefined ? (parents.get(pickText(component, 'bom-ref') ?? '') ?? []) : [own];
    const key = barePurl(purl);
    paths.set(key, [...new Set([...(paths.get(key) ?? []), ...found])]);
  }
  return paths;
}

function filePath(component: unknown): string | undefined {
  const property = listOf(component, 'properties').find(
    (each) => pickText(each, 'name') === 'aquasecurity:trivy:FilePath',
  );
  return pickText(property, 'value');
}

/** Names of the applications (lockfiles, binaries) by what they bring in; headings such as `Node.js` are no paths. */
function parentsOf(document: object, components: readonly unknown[]): ReadonlyMap<string, readonly string[]> {
  const applications = new Map<string, string>();
  for (const each of components) {
    const name = pickText(each, 'name') ?? '';
    if (pickText(each, 'type') === 'application' && name.includes('/'))
      applications.set(pickText(each, 'bom-ref') ?? '', name);
  }
  const children = new Map(
    listOf(document, 'dependencies').map((each) => [pickText(each, 'ref') ?? '', listOf(each, 'dependsOn')]),
  );
  const parents = new Map<string, string[]>();
  for (const [application, path] of applications) {
    // A Go program brings in its main module, and that one the others.
    for (const brought of below(application, children)) parents.set(brought, [...(parents.get(brought) ?? []), path]);
  }
  return parents;
}

function below(ref: string, children: ReadonlyMap<string, readonly unknown[]>): ReadonlySet<string> {
  const seen = new Set<string>();
  const waiting = [ref];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const child of children.get(next) ?? []) {
      if (typeof child !== 'string' || seen.has(child)) continue;
      seen.add(child);
      waiting.push(child);
    }
  }
  return seen;
}

function listOf(json: unknown, field: string): readonly unknown[] {
  const value = pick(json, field);
  return Array.isArray(value) ? value : [];
}
