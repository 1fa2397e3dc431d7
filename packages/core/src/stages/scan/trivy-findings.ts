import {
  type Finding,
  type FindingPlace,
  type ImagePlace,
  type MisconfigurationFinding,
  parseSeverity,
  type SecretFinding,
  type VulnerabilityFinding,
} from '../../policy/findings.ts';
import type { TrivyReport, TrivyResult } from '../../tools/trivy.ts';
import { fingerprint } from './fingerprint.ts';
import { barePurl, purlOfEcosystem, plainVersion } from './package-url.ts';

/** What a trivy report is about: one platform of an image, or the source tree. */
export type TrivyScope = { readonly in: 'image'; readonly platform: string } | { readonly in: 'source' };

type TrivyVulnerability = NonNullable<TrivyResult['Vulnerabilities']>[number];
type TrivySecret = NonNullable<TrivyResult['Secrets']>[number];
type TrivyMisconfiguration = NonNullable<TrivyResult['Misconfigurations']>[number];
interface Spot {
  readonly path?: string | undefined;
  readonly layer?: string | undefined;
  readonly line?: number | undefined;
}

/**
 * What is in the configuration of an image (variables, history) trivy shows in the image itself, whose name holds a digest, at a line
 * that other variables move.
 */
const CONFIGURATION = { Target: 'image configuration' };

/** Findings of one trivy report, not yet joined with those of others. */
export function trivyFindings(report: TrivyReport, scope: TrivyScope): readonly Finding[] {
  return (report.Results ?? []).flatMap((result) => [
    ...(result.Vulnerabilities ?? []).map((each) => vulnerability(each, result, scope)),
    ...numbered(result.Secrets ?? []).map((each) =>
      secret(each, scope.in === 'image' && result.Target === report.ArtifactName ? CONFIGURATION : result, scope),
    ),
    ...(result.Misconfigurations ?? [])
      .filter((each) => each.Status === undefined || each.Status === 'FAIL')
      .map((each) => misconfiguration(each, result, scope)),
  ]);
}

function vulnerability(found: TrivyVulnerability, result: TrivyResult, scope: TrivyScope): VulnerabilityFinding {
  const purl = found.PkgIdentifier?.PURL;
  const barePackage = purl === undefined ? purlOfEcosystem(result.Type ?? 'generic', found.PkgName) : barePurl(purl);
  return {
    kind: 'vulnerability',
    id: found.VulnerabilityID,
    ...namesOf(found, result),
    severity: parseSeverity(found.Severity),
    title: found.Title ?? found.VulnerabilityID,
    fingerprint: fingerprint('vulnerability', found.VulnerabilityID, barePackage),
    sources: ['trivy'],
    package: {
      name: found.PkgName,
      purl: barePackage,
      versions: [plainVersion(barePackage, found.InstalledVersion ?? '')],
    },
    ...(found.FixedVersion ? { fixedVersion: found.FixedVersion } : {}),
    ...(found.PrimaryURL ? { link: found.PrimaryURL } : {}),
    places: [place(scope, { path: found.PkgPath || languageFile(result), layer: layerOf(found) })],
  };
}

/**
 * Other names of the advisory. What a distribution publishes (DSA, RHSA, …) names an update that puts several vulnerabilities
 * right, grave ones and others: as a name, it would make all of them one finding, and a suppression of one cover all.
 */
function namesOf({ VendorIDs: ids = [] }: TrivyVulnerability, { Class }: TrivyResult) {
  if (Class !== 'os-pkgs') return { aliases: ids };
  return { aliases: [], ...(ids.length === 0 ? {} : { updates: ids }) };
}

interface NumberedSecret {
  readonly found: TrivySecret;
  /** Among those of the same file that look the same when masked, by line. */
  readonly nth: number;
}

function numbered(secrets: readonly TrivySecret[]): readonly NumberedSecret[] {
  const seen = new Map<string, number>();
  return secrets
    .toSorted((one, other) => (one.StartLine ?? 0) - (other.StartLine ?? 0))
    .map((found) => {
      const look = JSON.stringify([found.RuleID, found.Match?.trim(), layerOf(found)]);
      const nth = (seen.get(look) ?? 0) + 1;
      seen.set(look, nth);
      return { found, nth };
    });
}

/**
 * Without the line, so that it survives edits above it. What was read again is known by its sketch; else only masked length
 * and number tell it from others, and another secret of that length in its place has the same.
 */
function identityOf({ found: { Sketch: sketch, Match: match = '' }, nth }: NumberedSecret): readonly string[] {
  if (sketch !== undefined) return ['sketch', sketch];
  return nth === 1 ? [match.trim()] : [match.trim(), String(nth)];
}

function secret(numberedSecret: NumberedSecret, result: Pick<TrivyResult, 'Target'>, scope: TrivyScope): SecretFinding {
  const { found } = numberedSecret;
  const isConfiguration = result === CONFIGURATION;
  const path = isConfiguration ? result.Target : pathIn(scope, result.Target);
  return {
    kind: 'secret',
    id: found.RuleID,
    severity: parseSeverity(found.Severity),
    title: found.Title ?? found.RuleID,
    fingerprint: fingerprint('secret', scope.in, found.RuleID, path, ...identityOf(numberedSecret)),
    sources: ['trivy'],
    places: [place(scope, { path, layer: layerOf(found), line: isConfiguration ? undefined : found.StartLine })],
  };
}

function misconfiguration(
  found: TrivyMisconfiguration,
  result: TrivyResult,
  scope: TrivyScope,
): MisconfigurationFinding {
  const path = pathIn(scope, result.Target);
  const resource = found.CauseMetadata?.Resource ?? '';
  return {
    kind: 'misconfiguration',
    id: found.ID,
    severity: parseSeverity(found.Severity),
    title: found.Title ?? found.ID,
    fingerprint: fingerprint('misconfiguration', scope.in, found.ID, path, resource),
    sources: ['trivy'],
    ...(found.PrimaryURL ? { link: found.PrimaryURL } : {}),
    ...(found.Resolution ? { resolution: found.Resolution } : {}),
    places: [place(scope, { path, line: found.CauseMetadata?.StartLine })],
  };
}

function place(scope: TrivyScope, { path, layer, line }: Spot): FindingPlace {
  const where = line === undefined || line < 1 ? {} : { line };
  if (scope.in === 'source') return { in: 'source', path: path ?? '', ...where };
  const image: ImagePlace = { in: 'image', platforms: [scope.platform], ...where };
  return { ...image, ...(path ? { path } : {}), ...(layer === undefined ? {} : { layer }) };
}

/** Lockfiles and binaries are the target itself; for grouped results (`Node.js`) each package has a path. */
export function languageFile(result: TrivyResult): string | undefined {
  return result.Class === 'lang-pkgs' && result.Target.includes('/') ? result.Target : undefined;
}

function layerOf(found: {
  readonly Layer?: { readonly Digest?: string; readonly DiffID?: string };
}): string | undefined {
  return found.Layer?.Digest ?? found.Layer?.DiffID;
}

/** In an image trivy writes secrets' paths with a leading slash and the others without. */
function pathIn(scope: TrivyScope, target: string): string {
  return scope.in === 'image' && !target.startsWith('/') ? `/${target}` : target;
}
