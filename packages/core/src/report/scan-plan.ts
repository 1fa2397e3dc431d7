import type { ScanPlan } from '../stages/scan/plan.ts';
import { code, sections, table } from './markdown.ts';

export interface PlannedSources {
  readonly trivy: readonly string[];
  readonly osv: readonly string[];
  readonly attest: boolean;
  /** The image itself unless given. */
  readonly from?: 'image' | 'sbom' | undefined;
}

/** What a scan would do, for `dry-run`. */
export function scanPlanMarkdown(plan: ScanPlan, { trivy, osv, attest, from = 'image' }: PlannedSources): string {
  const { trivy: onFiles } = plan.sourceScanners;
  const rows = [
    ...plan.targets.map(({ platform, descriptor }) => [
      'trivy',
      `${from === 'sbom' ? 'attested SBOM' : 'image'} ${platform}`,
      code(descriptor.digest),
    ]),
    ...(plan.files ?? []).map(({ name, layer }) => ['trivy', `file ${code(name)}`, code(layer.digest)]),
    ...(plan.source === undefined || !onFiles
      ? []
      : [['trivy', 'source: secrets, misconfiguration', code(plan.source)]]),
    ...plan.ecosystems.map((ecosystem) => ['osv-scanner', `lockfiles ${ecosystem}`, lockfilesOf(plan, ecosystem)]),
  ];
  const sources = [
    ...trivy.map((source) => ['trivy-db', code(source)]),
    ...(plan.ecosystems.length === 0 ? [] : osv.map((source) => ['osv', code(source)])),
  ];
  return sections(
    `## Scan plan: ${code(plan.image)}`,
    plan.found === undefined ? 'No image: the source only.' : code(plan.found.digest),
    table(['Scanner', 'What', ''], rows),
    table(['Database', 'Tried in this order'], sources),
    attest ? 'The verdict and the report of each platform would be signed and attached.' : 'Nothing would be attached.',
  );
}

function lockfilesOf({ lockfiles }: ScanPlan, ecosystem: string): string {
  return lockfiles
    .filter((each) => each.ecosystem === ecosystem)
    .map((each) => code(each.path))
    .join(', ');
}
