import type { TrivyReport, TrivyRun } from '../../tools/trivy.ts';
import { broken, missing, type ScanProblem } from './problem.ts';
import type { ScanTarget } from './targets.ts';

/** Ways in which trivy ends well and has not scanned what it was given; each was seen with 0.72.0. */
export function platformProblems(run: TrivyRun, { platform, manifest }: ScanTarget): readonly ScanProblem[] {
  const { report, warnings } = run;
  if (report.Metadata?.ImageID !== manifest.config.digest) {
    const other = report.Metadata?.ImageID ?? 'nothing';
    return [broken(`trivy looked at ${other} instead of the ${platform} image ${manifest.config.digest}`, REPORT_IT)];
  }
  const { Family: family, Name: release = '' } = report.Metadata?.OS ?? {};
  if (family === 'none' || warnings.some((line) => /unsupported os/i.test(line))) {
    return [
      missing(
        `the ${platform} image has operating system packages, but trivy does not know its operating system`,
        'Keep /etc/os-release of the base image in the final image, or use a distribution that trivy supports.',
      ),
    ];
  }
  if (family === undefined) return countPackages(report) === 0 ? [nothing(platform)] : [];
  const system = `${family} ${release}`.trim();
  if (countPackages(report, 'os-pkgs') === 0)
    return [missing(`the ${platform} image is ${system}${NO_DATABASE}`, KEEP)];
  return advisoryGaps(warnings, `the ${platform} image`, system);
}

/** Complaints by which trivy tells that it has no advisories for packages, and then reports none. */
export function advisoryGaps(warnings: readonly string[], what: string, system: string): readonly ScanProblem[] {
  if (warnings.some((line) => /unsupported os/i.test(line))) {
    return [missing(`${what} is ${system}, which trivy does not know`, SUPPORTED)];
  }
  if (warnings.some((line) => /not on the EOL list/i.test(line))) {
    return [missing(`${what} is ${system}, a release that trivy does not know`, SUPPORTED)];
  }
  if (warnings.some((line) => /skipped due to mismatched PURL namespace/i.test(line))) {
    return [missing(`${what} has packages of another distribution than ${system}, which trivy passed over`, SUPPORTED)];
  }
  return [];
}

/** The operating system of a report, when it gets no more security fixes: such as `debian 9`. */
export function endedSystem({ Metadata }: TrivyReport): string | undefined {
  const { Family, Name, EOSL } = Metadata?.OS ?? {};
  return EOSL === true ? `${Family} ${Name}` : undefined;
}

/** @param kind - such as `os-pkgs`; all unless given */
export function countPackages({ Results = [] }: TrivyReport, kind?: string): number {
  const counted = Results.filter((result) => kind === undefined || result.Class === kind);
  return counted.reduce((sum, result) => sum + (result.Packages?.length ?? 0), 0);
}

function nothing(platform: string): ScanProblem {
  return missing(
    `no package at all was found in the ${platform} image, so there was nothing to judge`,
    'Keep /etc/os-release and the package database of the base image (/var/lib/dpkg or /lib/apk/db), or build binaries with their module information.',
  );
}

const NO_DATABASE = ', and none of its packages was found';
const KEEP =
  'Keep the package database of the base image (/var/lib/dpkg, /lib/apk/db, /var/lib/rpm), or remove /etc/os-release from an image that has no packages of a distribution.';
const SUPPORTED = 'Use a release of a distribution that trivy supports, and that is no older or newer than it knows.';
const REPORT_IT = 'This is a defect of the scan, not of the image: run it again, and report it if it stays.';
