import { countFindings, type Finding, type Scanner } from '../../policy/findings.ts';
import { type Judgement, judge, type ScanRules } from '../../policy/gate.ts';
import type { BaselineAnswer } from './baselines.ts';
import { compare } from './comparison.ts';
import { type DatabaseAnswer, described } from './database.ts';
import { databaseProblems } from './databases.ts';
import type { FileScan } from './artifact-scan.ts';
import { endOfLife } from './end-of-life.ts';
import type { ImageScan } from './image-scan.ts';
import type { ExploitData } from './exploit-data.ts';
import { exploitAnswersOf, withExploitFacts } from './exploit-facts.ts';
import { joinFindings } from './join.ts';
import { type ReadDockerfile, withOrigins } from './origins.ts';
import type { ScanPlan, ScanRequest } from './plan.ts';
import { policyDigestOf, policySources } from './policy-sources.ts';
import { outcomeOf, type ScanProblem } from './problem.ts';
import type { Coverage, ScanReport } from './report.ts';
import type { Scanners } from './scanners.ts';
import type { TreeScan } from './tree-scan.ts';
import type { ForeignSuppressions } from './trivy-ignore.ts';
import type { Outcome } from './verdict.ts';

/** What the scanners saw. */
export interface Looked {
  readonly image: ImageScan;
  readonly tree: TreeScan;
  /** Of an artifact that is no image. */
  readonly files: FileScan;
  readonly imageDatabases: readonly DatabaseAnswer[];
  /** Absent parts were not asked for. */
  readonly exploits: ExploitData;
  readonly imageBaseline: BaselineAnswer;
}

/** All that a report is made of. */
export interface Seen extends Looked {
  readonly foreign: ForeignSuppressions;
  readonly plan: ScanPlan;
  readonly request: ScanRequest;
  readonly dockerfile?: ReadDockerfile | undefined;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** Joins and judges what was seen. Pure. */
export function composeReport(seen: Seen, { tools, isolation }: Pick<Scanners, 'tools' | 'isolation'>): ScanReport {
  const { plan, request, foreign, image, tree, files, exploits, imageDatabases, startedAt, finishedAt } = seen;
  const joined = withOrigins(joinFindings(allFound(seen)), seen.dockerfile, image.platforms);
  const findings = withExploitFacts(joined, exploits);
  const compared = compareWith(findings, seen);
  const judgement = judge(findings, { ...rulesOf(seen), spared: compared.spared }, startedAt);
  const exploitAnswers = exploitAnswersOf(exploits);
  const ended = endOfLife(image.platforms, request.policy.rules.endOfLife);
  const ofImage = [...image.problems, ...ended.problems, ...files.problems, ...databaseProblems(exploitAnswers)];
  const problems = [...ofImage, ...tree.problems, ...compared.problems];
  const sources = policySources(
    request.policy.sources ?? [{ name: 'policy', digest: request.policy.digest }],
    request.ruleFiles,
  );
  return {
    version: 1,
    image: plan.image,
    ...(plan.found === undefined ? {} : { digest: plan.found.digest }),
    ...(request.from === 'sbom' ? { from: request.from } : {}),
    ...(plan.found === undefined || request.from === 'sbom'
      ? {}
      : { imageOutcome: imageOutcome(ofImage, judgement, files) }),
    outcome: outcomeOf(problems, judgement.outcome),
    counts: countFindings(findings),
    problems,
    judgement,
    ...(compared.comparison === undefined ? {} : { comparison: compared.comparison }),
    findings,
    coverage: coverageOf(seen, ended.notes),
    databases: distinct([...imageDatabases, ...files.databases, ...tree.databases, ...exploitAnswers]),
    tools,
    notes: foreign.notes,
    isolation,
    policyDigest: policyDigestOf(sources),
    policySources: sources,
    proposed: request.proposed ?? { changes: [], notes: [] },
    startedAt,
    finishedAt,
  };
}

/** The policy, with what others say. */
function rulesOf({ request, foreign, image }: Seen): ScanRules {
  const { rules } = request.policy;
  const suppressions = [...rules.suppressions, ...foreign.suppressions];
  return { ...rules, suppressions, affected: foreign.affected, systems: systemsOf(image) };
}

function systemsOf({ platforms }: ImageScan): ReadonlyMap<string, string> {
  const scanned = platforms.flatMap((each) => each.scanned ?? []);
  return new Map(
    scanned.flatMap(({ platform, operatingSystem }) =>
      operatingSystem === undefined ? [] : [[platform, operatingSystem] as const],
    ),
  );
}

function allFound({ image, files, tree }: Seen): readonly Finding[] {
  const trivy = image.platforms.flatMap((each) => each.findings);
  return [...trivy, ...(image.findings ?? []), ...files.findings, ...tree.findings];
}

/** One that both the image and the lockfiles needed is one. */
function distinct(answers: readonly DatabaseAnswer[]): readonly DatabaseAnswer[] {
  return [...new Map(answers.map((answer) => [answer.name, described(answer)])).values()];
}

function coverageOf({ plan, request, image, files, tree }: Seen, notes: readonly string[]): Coverage {
  return {
    platforms: image.platforms.flatMap((each) => each.scanned ?? []),
    scanners: scannersOf(plan),
    source: plan.source !== undefined && plan.sourceScanners.trivy,
    switchedOff: switchedOff(plan, request),
    ...(plan.files === undefined ? {} : { files: files.files }),
    ecosystems: [...files.ecosystems, ...tree.ecosystems],
    inlineIgnores: [...files.inlineIgnores, ...tree.inlineIgnores],
    notes: [...notes, ...files.notes, ...tree.notes],
  };
}

function scannersOf({ found, source, sourceScanners: { trivy, osv } }: ScanPlan): readonly Scanner[] {
  const byTrivy = found !== undefined || (source !== undefined && trivy);
  return [...(byTrivy ? (['trivy'] as const) : []), ...(osv ? (['osv-scanner'] as const) : [])];
}

/** What is new; and, where only that is judged, what is spared, and whatever keeps it from being told. */
function compareWith(findings: readonly Finding[], { request, imageBaseline, tree }: Seen) {
  const baselines = [...imageBaseline.baselines, ...tree.baseline.baselines];
  const problems = [...imageBaseline.problems, ...tree.baseline.problems];
  const decides = request.policy.rules.onlyNew;
  if (baselines.length + problems.length === 0) return { problems: [], spared: new Set<Finding>() };
  const comparison = compare(findings, baselines);
  const introduced = new Set<Finding>(comparison.introduced);
  const old = findings.filter((finding) => finding.kind === 'vulnerability' && !introduced.has(finding));
  return {
    comparison: { ...comparison, decides, notes: problems.map(({ what }) => what) },
    // Not new is only what was seen before; when that could not be looked at, there is no verdict.
    problems: decides ? problems : [],
    spared: new Set<Finding>(decides ? old : []),
  };
}

/** Whether the image may ship, were it alone. */
function imageOutcome(problems: readonly ScanProblem[], { blocking }: Judgement, { findings }: FileScan): Outcome {
  const inFiles = new Set(findings.map(({ fingerprint }) => fingerprint));
  const inImage = blocking.some(
    ({ places, fingerprint }) => inFiles.has(fingerprint) || places.some((place) => place.in === 'image'),
  );
  return outcomeOf(problems, inImage ? 'fail' : 'pass');
}

function switchedOff(
  { found, source, sourceScanners: { trivy, osv } }: ScanPlan,
  { from }: ScanRequest,
): readonly string[] {
  return [
    ...(from === 'sbom' ? ['everything of the image but the packages of its attested SBOM'] : []),
    ...(found === undefined ? ['trivy on the image'] : []),
    ...(source !== undefined && !trivy ? ['trivy on the source'] : []),
    ...(source !== undefined && !osv ? ['osv-scanner on lockfiles'] : []),
    ...(found !== undefined && !osv ? ["osv-scanner on the image's packages"] : []),
  ];
}
