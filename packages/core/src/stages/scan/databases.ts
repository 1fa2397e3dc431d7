import type { ContentSource } from '../../oci/content.ts';
import type { RepositoryName } from '../../oci/reference.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Http } from '../../runtime/http.ts';
import { type DatabaseAnswer, firstFresh } from './database.ts';
import { fetchOsvDatabase, type OsvDatabase } from './osv-database.ts';
import type { ScanRequest } from './plan.ts';
import { missing, type ScanProblem } from './problem.ts';
import { fetchTrivyDatabase, type TrivyDatabase } from './trivy-database.ts';

export interface DatabasePorts {
  readonly repository: (name: RepositoryName) => ContentSource;
  readonly http: Http;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Trivy's database, from the first source that has a fresh one. */
export function trivyDatabase(request: ScanRequest, ports: DatabasePorts): Promise<DatabaseAnswer<TrivyDatabase>> {
  const { trivy, cacheDir } = request.databases;
  const options = { cacheDir, repository: ports.repository };
  return firstFresh({ name: 'trivy-db', sources: trivy, freshness: freshness(request, ports) }, (source) =>
    fetchTrivyDatabase(source, options),
  );
}

/** The advisories of each ecosystem, each from the first source that has fresh ones. */
export function osvDatabases(
  ecosystems: readonly string[],
  request: ScanRequest,
  ports: DatabasePorts,
): Promise<readonly DatabaseAnswer<OsvDatabase>[]> {
  const { osv, cacheDir } = request.databases;
  const options = { cacheDir, http: ports.http, signal: ports.signal };
  return Promise.all(
    ecosystems.map((ecosystem) =>
      firstFresh({ name: `osv/${ecosystem}`, sources: osv, freshness: freshness(request, ports) }, (base) =>
        fetchOsvDatabase(base, ecosystem, options),
      ),
    ),
  );
}

/** Why a database may not be relied on, with every source that was tried. */
export function databaseProblems(answers: readonly DatabaseAnswer[]): readonly ScanProblem[] {
  return answers.flatMap(({ name, problem, failed, database }) => {
    if (problem === undefined) return [];
    const tried = failed.map((each) => `${each.source}: ${each.problem}`).join('; ');
    return database === undefined ? missing(`${problem} (${tried})`, checkInput(name)) : missing(problem, STALE);
  });
}

const STALE =
  'Name a source that is kept up to date, or allow older data with scan.database-max-age in the policy, such as 7d.';

function checkInput(name: string): string {
  const input = name === 'trivy-db' ? 'trivy-db' : 'osv-db';
  return `Add another source as a line of the input "${input}", or run again when the source answers.`;
}

function freshness(request: ScanRequest, { clock }: DatabasePorts) {
  return { now: clock.now(), maxAge: request.policy.rules.databaseMaxAge };
}
