import type { Finding } from '../../policy/findings.ts';
import type { LicenceRules } from '../../policy/licences.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { TrivyReport, TrivyRun } from '../../tools/trivy.ts';
import { licenceFindings } from './licence-findings.ts';
import { type LocatedPackage, locatedPackages } from './located-packages.ts';
import { countPackages, endedSystem, platformProblems } from './platform-gaps.ts';
import type { ScanProblem } from './problem.ts';
import type { ScannedPlatform } from './report.ts';
import type { ImageJob, Scanners } from './scanners.ts';
import type { ScanTarget } from './targets.ts';
import { trivyFindings } from './trivy-findings.ts';
import { unreadPackages } from './unread-packages.ts';

/** One platform's scan. Without a report nothing was scanned, and a problem says why. */
export interface PlatformScan {
  readonly target: ScanTarget;
  readonly scanned?: ScannedPlatform;
  readonly report?: TrivyReport;
  readonly packages: readonly LocatedPackage[];
  readonly findings: readonly Finding[];
  readonly problems: readonly ScanProblem[];
  /** Its operating system, when that gets no more security fixes. */
  readonly endedSystem?: string | undefined;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

interface Place extends Pick<ImageJob, 'layoutDir' | 'cacheDir' | 'javaCacheDir' | 'layers' | 'everywhere'> {
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
  const problems = await problemsOf(run, target, place.layoutDir);
  return {
    target,
    scanned: scannedPlatform(report, target),
    report,
    packages: locatedPackages(report),
    findings,
    problems,
    endedSystem: endedSystem(report),
    startedAt,
    finishedAt,
  };
}

async function problemsOf(run: TrivyRun, target: ScanTarget, layoutDir: string): Promise<readonly ScanProblem[]> {
  const told = platformProblems(run, target);
  return told.length > 0 || run.report.Metadata?.OS !== undefined ? told : unreadPackages(target, layoutDir);
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
