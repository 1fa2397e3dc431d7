import type { Digest } from '../../oci/digest.ts';
import { describeAge } from '../../report/wording.ts';

/** A vulnerability database as it was used, so that a scan can be replayed with the same one. */
export interface Database {
  /** `trivy-db`, or `osv/` and the ecosystem. */
  readonly name: string;
  /** Which of the given sources it came from; for trivy-db pinned by digest. */
  readonly source: string;
  /** Of the OCI manifest, or of the zip archive. */
  readonly digest: Digest;
  /** When its publisher made it; absent when the publisher does not say. */
  readonly updatedAt?: Date;
}

/** A source that was tried in vain, or whose database was too old. */
export interface FailedSource {
  readonly source: string;
  readonly problem: string;
}

/** What came of asking the sources in their order. */
export interface DatabaseAnswer<Held extends Database = Database> {
  readonly name: string;
  /** Absent when no source had a usable one. */
  readonly database?: Held;
  /** Why it may not be relied on: too old, of unknown age, or not there at all. */
  readonly problem?: string;
  readonly failed: readonly FailedSource[];
}

/** The same for people and for other machines: without the data, and without paths of this one. */
export function described({ database, ...answer }: DatabaseAnswer): DatabaseAnswer {
  if (database === undefined) return answer;
  const { name, source, digest, updatedAt } = database;
  return { ...answer, database: { name, source, digest, ...(updatedAt === undefined ? {} : { updatedAt }) } };
}

export interface Freshness {
  readonly now: Date;
  /** Milliseconds; older is not good enough. */
  readonly maxAge: number;
}

export interface DatabaseSearch {
  readonly name: string;
  /** In the order in which they are asked. */
  readonly sources: readonly string[];
  readonly freshness: Freshness;
}

/** Milliseconds. Clocks differ by less. */
const TOLERANCE = 24 * 60 * 60_000;

/** Why a database may not be relied on because of its age; `undefined` when it is fresh. */
export function staleness(database: Database, { now, maxAge }: Freshness): string | undefined {
  if (database.updatedAt === undefined) return `${database.source} does not say how old its ${database.name} is`;
  const age = now.getTime() - database.updatedAt.getTime();
  if (age < -TOLERANCE) {
    return `the ${database.name} of ${database.source} says it was made on ${database.updatedAt.toISOString().slice(0, 10)}, which is to come`;
  }
  if (age <= maxAge) return undefined;
  const made = database.updatedAt.toISOString().slice(0, 16);
  return `the ${database.name} of ${database.source} is ${describeAge(age)} old (made ${made}Z), the policy allows ${describeAge(maxAge)}`;
}

/** One question to one source. */
export interface SourceAttempt {
  readonly source: string;
  /** Nobody is left to ask after it, so it is worth waiting for. */
  readonly last: boolean;
}

/**
 * Asks the sources one after another, for any reason that makes one unusable, and stops at the
 * first fresh database. If all that answer are too old, the youngest is used and the problem is
 * told, so that what it finds is still shown.
 */
export async function firstFresh<Held extends Database>(
  { name, sources, freshness }: DatabaseSearch,
  fetch: (attempt: SourceAttempt) => Promise<Held>,
): Promise<DatabaseAnswer<Held>> {
  const failed: FailedSource[] = [];
  let youngest: Held | undefined;
  for (const [at, source] of sources.entries()) {
    try {
      const database = await fetch({ source, last: at === sources.length - 1 });
      const problem = staleness(database, freshness);
      if (problem === undefined) return { name, database, failed };
      failed.push({ source, problem });
      if (madeAt(database) > madeAt(youngest)) youngest = database;
    } catch (error) {
      failed.push({ source, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  if (youngest === undefined) return { name, failed, problem: `no source has a usable ${name}` };
  return { name, failed, database: youngest, problem: staleness(youngest, freshness) ?? '' };
}

function madeAt(database: Database | undefined): number {
  return database === undefined ? -1 : (database.updatedAt?.getTime() ?? 0);
}
