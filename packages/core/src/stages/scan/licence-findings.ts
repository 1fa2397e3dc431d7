import type { FindingPlace, LicenceFinding } from '../../policy/findings.ts';
import { isRefused, type LicenceRules } from '../../policy/licences.ts';
import type { TrivyReport, TrivyResult } from '../../tools/trivy.ts';
import { fingerprint } from './fingerprint.ts';
import { barePurl, purlOfEcosystem } from './package-url.ts';
import { languageFile, type TrivyScope } from './trivy-findings.ts';

type TrivyPackage = NonNullable<TrivyResult['Packages']>[number];

/** What a package without any licence is reported as. */
const NONE = 'NOASSERTION';

/**
 * The licences that the policy does not allow, of the packages that trivy listed. A package's licences are separate
 * entries, all of which apply; each may be an expression.
 */
export function licenceFindings(
  report: TrivyReport,
  scope: TrivyScope,
  rules: LicenceRules | undefined,
): readonly LicenceFinding[] {
  if (rules === undefined) return [];
  return (report.Results ?? []).flatMap((result) =>
    (result.Packages ?? []).flatMap((each) => refusedOf(each, rules).map((id) => finding(id, { each, result, scope }))),
  );
}

function refusedOf({ Licenses: licences = [] }: TrivyPackage, rules: LicenceRules): readonly string[] {
  if (licences.length === 0) return rules.unknown === 'block' ? [NONE] : [];
  return licences.filter((licence) => isRefused(licence, rules));
}

interface Context {
  readonly each: TrivyPackage;
  readonly result: TrivyResult;
  readonly scope: TrivyScope;
}

function finding(id: string, { each, result, scope }: Context): LicenceFinding {
  const name = each.Name ?? '';
  const given = each.Identifier?.PURL;
  const purl = given === undefined ? purlOfEcosystem(result.Type ?? 'generic', name) : barePurl(given);
  return {
    kind: 'licence',
    id,
    severity: 'high',
    title: id === NONE ? `${name} states no licence` : `${name} has the licence ${id}`,
    fingerprint: fingerprint('licence', id, purl),
    sources: ['trivy'],
    package: { name, purl, versions: [each.Version ?? ''] },
    places: [placeOf({ each, result, scope })],
  };
}

function placeOf({ each, result, scope }: Context): FindingPlace {
  // In a tree the target is the lockfile; in an image it may be a heading, such as `Node.js`.
  if (scope.in === 'source') return { in: 'source', path: each.FilePath || result.Target };
  const path = each.FilePath || languageFile(result);
  return { in: 'image', platforms: [scope.platform], ...(path === undefined ? {} : { path }) };
}
