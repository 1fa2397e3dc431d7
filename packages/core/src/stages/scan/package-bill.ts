import type { BillItem, BillSubject, PackageBill } from '../../report/package-bill.ts';
import type { TrivyReport, TrivyResult } from '../../tools/trivy.ts';
import { languageFile } from './trivy-findings.ts';

type TrivyPackage = NonNullable<TrivyResult['Packages']>[number];

/** The packages that trivy found in an image, as they stand in SBOMs. Pure. */
export function packageBill(report: TrivyReport, subject: BillSubject, created: Date): PackageBill {
  const listed = (report.Results ?? []).map((result, at) => itemsOf(result, at, report));
  return {
    subject,
    created,
    tool: { name: 'trivy', version: report.Trivy?.Version ?? '' },
    items: listed.flatMap(({ holder, packages }) => (holder === undefined ? packages : [holder, ...packages])),
    top: listed.flatMap(({ holder, packages }) => (holder === undefined ? packages : [holder]).map(({ ref }) => ref)),
  };
}

interface Listed {
  /** The operating system, or the file that names the packages; absent where each has a file of its own. */
  readonly holder: BillItem | undefined;
  readonly packages: readonly BillItem[];
}

function itemsOf(result: TrivyResult, at: number, report: TrivyReport): Listed {
  const found = result.Packages ?? [];
  if (found.length === 0) return { holder: undefined, packages: [] };
  const refs = new Map(found.map((each, index) => [each.ID ?? each.Name ?? '', refOf(each, `${at}.${index}`)]));
  const packages = found.map((each, index) => packageItem(each, { ref: refOf(each, `${at}.${index}`), refs, result }));
  const held = packages.map(({ ref }) => ref);
  return { holder: holderOf(result, { at, held, report }), packages };
}

/** Trivy's own is a hash of package and place. */
function refOf({ Identifier }: TrivyPackage, place: string): string {
  return `package-${place}${Identifier?.UID === undefined ? '' : `-${Identifier.UID}`}`;
}

interface Held {
  readonly at: number;
  readonly held: readonly string[];
  readonly report: TrivyReport;
}

function holderOf(result: TrivyResult, { at, held, report }: Held): BillItem | undefined {
  const common = { licences: [], needs: held };
  const { Class = '', Type = '' } = result;
  const system = report.Metadata?.OS;
  if (Class === 'os-pkgs' && system !== undefined) {
    const named = { name: system.Family ?? Type, version: system.Name };
    return { ref: `system-${at}`, kind: 'operating-system', ...named, facts: { Class, Type }, ...common };
  }
  const file = languageFile(result);
  if (file === undefined) return undefined;
  return { ref: `file-${at}`, kind: 'application', name: file, path: file, facts: { Class, Type }, ...common };
}

interface Place {
  readonly ref: string;
  /** Of the packages of the same result, by their ids. */
  readonly refs: ReadonlyMap<string, string>;
  readonly result: TrivyResult;
}

function packageItem(found: TrivyPackage, { ref, refs, result }: Place): BillItem {
  return {
    ref,
    kind: 'library',
    name: found.Name ?? found.ID ?? '',
    version: fullVersion(found),
    purl: found.Identifier?.PURL,
    licences: found.Licenses ?? [],
    supplier: found.Maintainer,
    hash: found.Digest,
    path: found.FilePath,
    facts: factsOf(found, result),
    needs: [...new Set((found.DependsOn ?? []).flatMap((id) => refs.get(id) ?? []))],
  };
}

/** As rpm and dpkg write it. */
function fullVersion({ Version = '', Release, Epoch }: TrivyPackage): string {
  return `${Epoch ? `${Epoch}:` : ''}${Version}${Release ? `-${Release}` : ''}`;
}

function factsOf(found: TrivyPackage, { Type }: TrivyResult): Readonly<Record<string, string>> {
  const { ID, FilePath, SrcName, SrcVersion, SrcRelease, SrcEpoch, Modularitylabel, Layer } = found;
  const facts = {
    PkgID: ID,
    PkgType: Type,
    FilePath,
    SrcName,
    SrcVersion,
    SrcRelease,
    SrcEpoch: SrcEpoch ? String(SrcEpoch) : undefined,
    Modularitylabel,
    LayerDigest: Layer?.Digest,
    LayerDiffID: Layer?.DiffID,
  };
  return Object.fromEntries(
    Object.entries(facts).flatMap(([key, value]) => (value === undefined || value === '' ? [] : [[key, value]])),
  );
}
