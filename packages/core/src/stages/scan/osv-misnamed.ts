import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { OsvPackage, OsvReport, OsvRun } from '../../tools/osv-scanner.ts';
import { wasLookedUp } from './osv-findings.ts';

type Lockfiles = (directory: string, databases: string) => Promise<OsvRun>;
type Named = OsvPackage['package'];

/** Ecosystems whose names have a namespace that package URLs write in lower case, with what stands behind it. */
const NAMESPACED: Readonly<Record<string, { readonly type: string; readonly separator: string }>> = {
  Go: { type: 'golang', separator: '/' },
  Packagist: { type: 'composer', separator: '/' },
  Maven: { type: 'maven', separator: ':' },
};

/**
 * osv-scanner 2.6.0 looks up `github.com/masterminds/github.com/Masterminds/goutils` for
 * `github.com/Masterminds/goutils`: it puts the namespace of the package URL, which is in lower case, before every name
 * that does not begin with it. So those packages are given to it once more, in package URLs without a namespace, where
 * it takes the name as it stands.
 *
 * @param work does not exist yet
 */
export async function withMisnamed(
  run: OsvRun,
  { work, databases }: { readonly work: string; readonly databases: string },
  lockfiles: Lockfiles,
): Promise<OsvRun> {
  const misnamed = new Map(packagesOf(run.report).flatMap((each) => (isMisnamed(each) ? [[key(each), each]] : [])));
  if (misnamed.size === 0) return run;
  await mkdir(work, { recursive: true });
  await writeFile(path.join(work, 'packages.cdx.json'), JSON.stringify(documentOf([...misnamed.values()])));
  const again = await lockfiles(work, databases);
  const answers = new Map((again.report.results ?? []).flatMap(({ packages = [] }) => packages.map(keyed)));
  const unanswered = [...misnamed].flatMap(([each, { name }]) => (answers.has(each) ? [] : [name]));
  return {
    ...run,
    report: { ...run.report, results: (run.report.results ?? []).map((each) => answered(each, answers)) },
    missing: [...new Set([...run.missing, ...again.missing])],
    errors: [...run.errors, ...again.errors, ...unanswered.map((name) => `the package ${name} cannot be looked up`)],
    skipped: [...new Set([...run.skipped, ...again.skipped])],
  };
}

type Result = NonNullable<OsvReport['results']>[number];

function answered(result: Result, answers: ReadonlyMap<string, OsvPackage>): Result {
  const packages = (result.packages ?? []).map((each) => {
    const answer = isMisnamed(each.package) ? answers.get(key(each.package)) : undefined;
    return answer === undefined ? each : { ...answer, package: each.package };
  });
  return { ...result, packages };
}

function packagesOf({ results = [] }: OsvReport): readonly Named[] {
  return results.flatMap(({ packages = [] }) => packages.map((each) => each.package));
}

function isMisnamed(named: Named): boolean {
  const { ecosystem, name } = named;
  const kind = NAMESPACED[ecosystem];
  if (kind === undefined || !wasLookedUp(named)) return false;
  const namespace = name.slice(0, Math.max(0, name.lastIndexOf(kind.separator)));
  return namespace !== namespace.toLowerCase();
}

function documentOf(packages: readonly Named[]): object {
  const components = packages.map(({ ecosystem, name, version = '' }) => {
    const { type, separator } = NAMESPACED[ecosystem] ?? { type: '', separator: '/' };
    const last = name.slice(name.lastIndexOf(separator) + 1);
    const purl = `pkg:${type}/${encodeURIComponent(last)}@${encodeURIComponent(version)}`;
    return { type: 'library', name, version, purl };
  });
  return { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components };
}

function key({ ecosystem, name, version = '' }: Named): string {
  return JSON.stringify([ecosystem, name, version]);
}

function keyed(found: OsvPackage): [string, OsvPackage] {
  return [key(found.package), found];
}
