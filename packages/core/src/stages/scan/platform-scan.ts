import type { Finding } from '../../policy/findings.ts';
import type { LicenceRules } from '../../policy/licences.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { TrivyReport, TrivyRun } from '../../tools/trivy.ts';
import { licenceFindings } from './licence-findings.ts';
import { type LocatedPackage, locatedPackages } from './located-packages.ts';
import { broken, missing, type ScanProblem } from './problem.ts';
import type { ScannedPlatform } from './report.ts';
import type { ImageJob, Scanners } from './scanners.ts';
import type { ScanTarget } from './targets.ts';
import { trivyFindings } from './trivy-findings.ts';

/** One platform's scan. Without a report nothing was scanned, and a problem says why. */
export interface PlatformScan {
  readonly target: ScanTarget;
  readonly scanned?: ScannedPlatform;
  readonly report?: TrivyReport;
  readonly packages: readonly LocatedPackage[];
  readonly findings: readonly Finding[];
  readonly problems: readonly ScanProblem[];
  /** What a reader has to know of the image, one sentence each. */
  readonly notes?: readonly string[];
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

interface Place extends Pick<ImageJob, 'layoutDir' | 'cacheDir' | 'javaCacheDir' | 'layers'> {
  /** Licences are looked at only when there are rules for them. */
  readonly licenceRules?: LicenceRules | undefined;
}

/** Scans one platform, and checks that trivy really looked at this image and had something to look at. */
export async function scanPlatform(
  target: ScanTarget,
  { licenceRules, ...place }: Place,
  { scanners, clock }: { readonly scanners: Scanners; readonly clock: Clock },
): Promise<PlatformScan> {
  const startedAt = clock.now();
  const run = await scanners.image({
    ...place,
    digest: target.descriptor.digest,
    licences: licenceRules !== undefined,
  });
  const { report } = run;
  const finishedAt = clock.now();
  const scope = { in: 'image', platform: target.platform } as const;
  const findings = [...trivyFindings(report, scope), ...licenceFindings(report, scope, licenceRules)];
  const problems = problemsOf(run, target);
  return {
    target,
    scanned: scannedPlatform(report, target),
    report,
    packages: locatedPackages(report),
    findings,
    problems,
    startedAt,
    finishedAt,
  };
}

function scannedPlatform(report: TrivyReport, { platform, descriptor: { digest } }: ScanTarget): ScannedPlatform {
  const family = report.Metadata?.OS?.Family;
  const operatingSystem =
    family === undefined || family === 'none' ? undefined : `${family} ${report.Metadata?.OS?.Name ?? ''}`;
  const packages = countPackages(report);
  return {
    platform,
    digest,
    packages,
    ...(operatingSystem === undefined ? {} : { operatingSystem: operatingSystem.trim() }),
  };
}

function countPackages(report: TrivyReport): number {
  return (report.Results ?? []).reduce((sum, result) => sum + (result.Packages?.length ?? 0), 0);
}

/** Ways in which trivy ends well and has not scanned what it was given; each was seen with 0.72.0. */
function problemsOf({ report, warnings }: TrivyRun, { platform, manifest }: ScanTarget): readonly ScanProblem[] {
  if (report.Metadata?.ImageID !== manifest.config.digest) {
    const other = report.Metadata?.ImageID ?? 'nothing';
    return [broken(`trivy looked at ${other} instead of the ${platform} image ${manifest.config.digest}`, REPORT_IT)];
  }
  const { Family: family } = report.Metadata?.OS ?? {};
  if (family === 'none' || warnings.some((line) => /unsupported os/i.test(line))) {
    return [
      missing(
        `the ${platform} image has operating system packages, but trivy does not know its operating system`,
        'Keep /etc/os-release of the base image in the final image, or use a distribution that trivy supports.',
      ),
    ];
  }
  if (family === undefined && countPackages(report) === 0) {
    return [
      missing(
        `no package at all was found in the ${platform} image, so there was nothing to judge`,
        'Keep /etc/os-release and the package database of the base image (/var/lib/dpkg or /lib/apk/db), or build binaries with their module information.',
      ),
    ];
  }
  return [];
}

const REPORT_IT = 'This is a defect of the scan, not of the image: run it again, and report it if it stays.';
