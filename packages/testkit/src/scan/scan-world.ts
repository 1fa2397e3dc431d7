import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { ScanReport } from '@plimsoll/core/stages/scan/report';
import { type ActionRun, runAction } from '../runner/run-action.ts';
import type { Advisory } from '../world/databases/advisory.ts';
import type { PublishedDatabases } from '../world/databases/databases.ts';
import type { Part } from '../world/parts.ts';
import { startWorld, type World } from '../world/world.ts';
import type { GoTool } from '../toolbox/recipes.ts';
import { SCAN_ADVISORIES, ScanSubjects } from './subjects.ts';

export interface ScanOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The workspace, scanned as source; without it only the image is. */
  readonly source?: string;
  readonly event?: Readonly<Record<string, unknown>>;
}

const schema = new URL('../../../../schema/scan-report.schema.json', import.meta.url);
const ajv = new Ajv({ strict: false });
addFormats.default(ajv);
const isReport = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')) as object);

/** A world with the real scanners, databases for them, and things to scan. */
export class ScanWorld {
  readonly world: World;
  readonly subjects: ScanSubjects;
  databases: PublishedDatabases;

  private constructor(world: World, databases: PublishedDatabases) {
    this.world = world;
    this.subjects = new ScanSubjects(world.directory);
    this.databases = databases;
  }

  static async start(parts: readonly Part[] = [], tools: readonly GoTool[] = []): Promise<ScanWorld> {
    const world = await startWorld({
      parts: ['github', 'hub', ...parts],
      tools: ['trivy', 'osv-scanner', ...tools],
    });
    return new ScanWorld(world, await world.databases.publish(SCAN_ADVISORIES));
  }

  /** Puts these advisories, and no others, into the databases. */
  async publish(advisories: readonly Advisory[] = SCAN_ADVISORIES, updatedAt: Date = new Date()): Promise<void> {
    this.databases = await this.world.databases.publish(advisories, updatedAt);
  }

  scan({ inputs = {}, source, ...rest }: ScanOptions): Promise<ActionRun> {
    const sources = { 'trivy-db': this.databases.trivyDb, 'osv-db': this.databases.osvDb };
    const all = { ...sources, ...(source === undefined ? { source: '' } : {}), ...inputs };
    const cwd = source ?? this.subjects.source({});
    return runAction({ action: 'scan', world: this.world, inputs: all, cwd, ...rest });
  }

  /** The policy file on the default branch; the empty text for none. */
  policy(text: string): void {
    if (text === '') this.world.github.repositories.removeFile('acme/app', '.github/plimsoll.yml');
    else this.world.github.setFile('acme/app', '.github/plimsoll.yml', text);
  }
}

/** The code of the failure that the run ended with, if any; the exit code has to agree. */
export function errorCode({ annotations, exitCode, log }: ActionRun): string | undefined {
  const code = annotations.find(({ level }) => level === 'error')?.title?.replace('Plimsoll ', '');
  if (exitCode === (code === undefined ? 0 : 1)) return code;
  throw new Error(`exit code ${exitCode} with the error ${code}:\n${log}`);
}

/** The report of a run, which has to have the form that is published. */
export function reportOf({ outputs, log }: Pick<ActionRun, 'outputs' | 'log'>): ScanReport {
  const file = outputs['report'];
  if (!file) throw new Error(`there is no report:\n${log}`);
  const report: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (isReport(report)) return report as ScanReport;
  throw new Error(`the report is not of the published form: ${JSON.stringify(isReport.errors?.slice(0, 3))}`);
}
