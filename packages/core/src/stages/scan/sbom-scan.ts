import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../../policy/findings.ts';
import type { LicenceRules } from '../../policy/licences.ts';
import type { TrivyReport } from '../../tools/trivy.ts';
import type { AttestedPlatform } from './attested-image.ts';
import { judgeableSbom } from './judgeable-sbom.ts';
import { licenceFindings } from './licence-findings.ts';
import type { LocatedPackage } from './located-packages.ts';
import { advisoryGaps } from './platform-gaps.ts';
import { missing, type ScanProblem } from './problem.ts';
import type { ScannedPlatform } from './report.ts';
import type { Scanners } from './scanners.ts';
import { attempt } from './tool-problem.ts';
import { trivyFindings } from './trivy-findings.ts';

export interface SbomScan {
  readonly findings: readonly Finding[];
  readonly scanned: ScannedPlatform;
  readonly report: TrivyReport;
  /** An SBOM does not say where they are. */
  readonly packages: readonly LocatedPackage[];
}

export interface SbomPlace {
  readonly workDir: string;
  /** Holds `db/trivy.db`. */
  readonly cacheDir: string;
  readonly licenceRules?: LicenceRules | undefined;
}

/** Judges the packages that an attested SBOM lists, without the image. */
export function scanSbom(
  attested: AttestedPlatform,
  { workDir, cacheDir, licenceRules }: SbomPlace,
  scanners: Scanners,
): Promise<SbomScan | ScanProblem> {
  const { platform, digest, sbom } = attested;
  const what = `the attested SBOM of ${platform}`;
  return attempt(what, async () => {
    if (sbom === undefined) return missing(`${platform} has no attested SBOM of a signer that the policy names`, NONE);
    const { document, packages, expected, operatingSystem, problem } = judgeableSbom(sbom);
    if (problem !== undefined) return missing(`${what} ${problem}`, COMPLETE);
    if (packages.length === 0) return missing(`${what} lists no package by its package URL`, COMPLETE);
    const file = path.join(workDir, 'sboms', `${digest.replaceAll(':', '-')}.json`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(document));
    const run = await scanners.sbom({ file, cacheDir, licences: licenceRules !== undefined });
    const { report } = run;
    const gap =
      advisoryGaps(run.warnings, what, operatingSystem ?? 'nothing known')[0] ?? unlisted(report, expected, what);
    if (gap !== undefined) return gap;
    if (licenceRules !== undefined && packages.every(({ licences }) => licences === undefined)) {
      return missing(`${what} states no licence, and the policy has rules for licences`, LICENCES);
    }
    const scope = { in: 'image', platform } as const;
    const findings = [...trivyFindings(report, scope), ...licenceFindings(report, scope, licenceRules)];
    const scanned = {
      platform,
      digest,
      packages: packages.length,
      ...(operatingSystem === undefined ? {} : { operatingSystem }),
    };
    return { findings, scanned, report, packages };
  });
}

/** Trivy lists all that it judges. */
function unlisted(
  { Results = [] }: TrivyReport,
  expected: ReadonlyMap<string, string>,
  what: string,
): ScanProblem | undefined {
  const listed = new Set(Results.flatMap(({ Packages = [] }) => Packages.map((each) => each.Identifier?.BOMRef)));
  const passedOver = [...expected].filter(([ref]) => !listed.has(ref)).map(([, purl]) => purl);
  if (passedOver.length === 0) return undefined;
  return missing(`trivy passed over ${passedOver.length} packages of ${what}, such as ${passedOver[0]}`, COMPLETE);
}

const LICENCES = 'Scan the image itself ("from: image"), or build it with an SBOM generator that states licences.';
const NONE =
  'Build with "sbom: true" and sign with the sign action, or name the signer in "verify: identities:" of the policy.';
const COMPLETE =
  'Scan the image itself ("from: image"), and build it with an SBOM generator that names the distribution.';
