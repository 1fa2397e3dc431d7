import type { Digest } from '../../oci/digest.ts';
import { type IsolationLevel, probeIsolation } from '../../tools/isolation.ts';
import type { LayerCache } from '../../tools/layer-cache.ts';
import { type OsvRun, scanLockfiles } from '../../tools/osv-scanner.ts';
import type { ScannerPorts } from '../../tools/scanner-ports.ts';
import { sketchImage, sketchTree } from './sketched-secrets.ts';
import { scanImagePlatform, scanSbom, scanSource, type TrivyRun } from '../../tools/trivy.ts';

export interface ImageJob {
  /** A layout whose index.json lists the platform's manifest itself. */
  readonly layoutDir: string;
  readonly digest: Digest;
  /** Holds `db/trivy.db`. */
  readonly cacheDir: string;
  /** Holds `java-db/trivy-java.db`; needed for Java archives only. */
  readonly javaCacheDir?: string | undefined;
  readonly licences?: boolean | undefined;
  /** Secrets also where trivy takes them for samples, by the name of the file. */
  readonly everywhere?: boolean | undefined;
  /** For platforms that share layers. */
  readonly layers?: LayerCache | undefined;
}

export interface SourceJob {
  readonly directory: string;
  readonly licences?: boolean | undefined;
  /** Also where trivy takes secrets for examples, by the name of the file. */
  readonly everywhere?: boolean | undefined;
}

export interface SbomJob {
  /** CycloneDX. */
  readonly file: string;
  /** Holds `db/trivy.db`. */
  readonly cacheDir: string;
  readonly licences?: boolean | undefined;
}

/** The scanners as the stage calls them: no network, no token, nothing read from the scanned tree but its content. */
export interface Scanners {
  image(job: ImageJob): Promise<TrivyRun>;
  source(job: SourceJob): Promise<TrivyRun>;
  sbom(job: SbomJob): Promise<TrivyRun>;
  /** @param databases - directory that holds `osv-scalibr/<ecosystem>/all.zip` */
  lockfiles(directory: string, databases: string): Promise<OsvRun>;
  /** Names and versions, for the report. */
  readonly tools: readonly { readonly name: string; readonly version: string }[];
  /** How far they are kept from this job. */
  readonly isolation: IsolationLevel;
}

/**
 * Trivy and osv-scanner from a toolbox, which are fetched and checked here, before anything is scanned, and run in the
 * best isolation that works on this machine.
 *
 * @throws PlimsollError what the toolbox throws
 */
export async function toolScanners(given: ScannerPorts): Promise<Scanners> {
  const [isolation, ...binaries] = await Promise.all([
    given.isolation ?? probeIsolation(given),
    given.toolbox.get('trivy'),
    given.toolbox.get('osv-scanner'),
  ]);
  const ports = { ...given, isolation };
  return {
    image: async (job) => {
      const run = await scanImagePlatform({ ...ports, ...job });
      return { ...run, report: await sketchImage(run.report, job) };
    },
    source: async (job) => {
      const run = await scanSource({ ...ports, ...job });
      return { ...run, report: await sketchTree(run.report, job.directory) };
    },
    sbom: (job) => scanSbom({ ...ports, ...job }),
    lockfiles: (directory, databases) => scanLockfiles({ ...ports, directory, databases }),
    tools: binaries.map(({ name, version }) => ({ name, version })),
    isolation: isolation.level,
  };
}
