import type { ContentSource } from '../../oci/content.ts';
import type { RepositoryName } from '../../oci/reference.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Http } from '../../runtime/http.ts';
import type { Memory } from '../../runtime/memory.ts';
import { FAILOVER, RETRY } from '../../runtime/retry.ts';
import { type DatabaseAnswer, firstFresh } from './database.ts';
import type { DatabaseCache } from './database-cache.ts';
import { fetchOsvDatabase, type OsvDatabase } from './osv-database.ts';
import type { ScanRequest } from './plan.ts';
import { missing, type ScanProblem } from './problem.ts';
import {
  fetchTrivyDatabase,
  JAVA_ARCHIVES,
  type TrivyDatabase,
  type TrivyDatabaseKind,
  VULNERABILITIES,
} from './trivy-database.ts';

export interface DatabasePorts {
  readonly repository: (name: RepositoryName) => ContentSource;
  /** The same with little patience, for sources with others behind them. */
  readonly hurried?: ((name: RepositoryName) => ContentSource) | undefined;
  readonly http: Http;
  /** The cache of the repository; without one everything is downloaded. */
  readonly cache?: DatabaseCache | undefined;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly signal?: AbortSignal | undefined;
}

/** Trivy's database, from the first source that has a fresh one. */
export function trivyDatabase(request: ScanRequest, ports: DatabasePorts): Promise<DatabaseAnswer<TrivyDatabase>> {
  return fromFirst({ kind: VULNERABILITIES, sources: request.databases.trivy }, request, ports);
}

/**
 * Trivy's Java database, which tells what an archive without a name in it is. It holds no vulnerabilities and is
 * published about once a week, so it may be older than the others.
 */
export function javaDatabase(request: ScanRequest, ports: DatabasePorts): Promise<DatabaseAnswer<TrivyDatabase>> {
  return fromFirst({ kind: JAVA_ARCHIVES, sources: request.databases.java }, request, ports);
}

function fromFirst(
  { kind, sources }: { readonly kind: TrivyDatabaseKind; readonly sources: readonly string[] },
  request: ScanRequest,
  ports: DatabasePorts,
): Promise<DatabaseAnswer<TrivyDatabase>> {
  const { now, maxAge } = freshness(request, ports);
  const search = { name: kind.name, sources, freshness: { now, maxAge: Math.max(maxAge, kind.leastAge) } };
  return ports.memory.once(kind.name, () =>
    firstFresh(search, ({ source, last }) => {
      const repository = last ? ports.repository : (ports.hurried ?? ports.repository);
      return fetchTrivyDatabase(source, { kind, cacheDir: request.databases.cacheDir, repository, cache: ports.cache });
    }),
  );
}

/** The advisories of each ecosystem, each from the first source that has fresh ones. */
export function osvDatabases(
  ecosystems: readonly string[],
  request: ScanRequest,
  ports: DatabasePorts,
): Promise<readonly DatabaseAnswer<OsvDatabase>[]> {
  const { osv, cacheDir } = request.databases;
  const options = { cacheDir, http: ports.http, clock: ports.clock, signal: ports.signal, cache: ports.cache };
  return Promise.all(
    ecosystems.map((ecosystem) => {
      const search = { name: `osv/${ecosystem}`, sources: osv, freshness: freshness(request, ports) };
      return ports.memory.once(search.name, () =>
        firstFresh(search, ({ source, last }) =>
          fetchOsvDatabase(source, ecosystem, { ...options, retry: last ? RETRY : FAILOVER }),
        ),
      );
    }),
  );
}

/** Why a database may not be relied on, with every source that was tried. */
export function databaseProblems(answers: readonly DatabaseAnswer[]): readonly ScanProblem[] {
  return answers.flatMap(({ name, problem, failed, database }) => {
    if (problem === undefined) return [];
    const tried = failed.map((each) => `${each.source}: ${each.problem}`).join('; ');
    return database === undefined
      ? missing(`${problem} (${tried})`, checkInput(name))
      : missing(problem, staleAdvice(name));
  });
}

function staleAdvice(name: string): string {
  const key = name === 'epss' || name === 'kev' ? `scan.${name}.max-age` : 'scan.database-max-age';
  return `Name a source that is kept up to date, or allow older data with ${key} in the policy, such as 7d.`;
}

function checkInput(name: string): string {
  if (name === 'epss' || name === 'kev') {
    return `Add another source to scan.${name}.data in the policy, or fetch the file in a step before the scan.`;
  }
  const input = name.startsWith('osv/') ? 'osv-db' : name;
  return `Add another source as a line of the input "${input}", or run again when the source answers.`;
}

function freshness(request: ScanRequest, { clock }: DatabasePorts) {
  return { now: clock.now(), maxAge: request.policy.rules.databaseMaxAge };
}
