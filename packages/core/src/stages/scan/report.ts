import type { Digest } from '../../oci/digest.ts';
import type { Finding, FindingCounts, Scanner } from '../../policy/findings.ts';
import type { PolicyChange } from '../../github/policy-change.ts';
import type { Judgement } from '../../policy/gate.ts';
import type { IsolationLevel } from '../../tools/isolation.ts';
import { blockingText } from '../../report/wording.ts';
import type { Comparison } from './comparison.ts';
import type { DatabaseAnswer } from './database.ts';
import type { ScanProblem } from './problem.ts';
import type { Outcome, Verdict } from './verdict.ts';

/** A platform as it was really scanned. */
export interface ScannedPlatform {
  readonly platform: string;
  readonly digest: Digest;
  /** `debian 12.11`; absent when the image has no operating system packages. */
  readonly operatingSystem?: string;
  readonly packages: number;
}

/** A file of an artifact that was looked into. */
export interface ScannedFile {
  readonly name: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** An archive that could not be opened, so that only its outside was seen. */
  readonly closed: boolean;
}

/** A lockfile ecosystem of the source tree. */
export interface ScannedEcosystem {
  readonly ecosystem: string;
  readonly lockfiles: readonly string[];
  readonly packages: number;
}

/** How many packages of which kind were looked at, so that "nothing found" can be told from "nothing looked at". */
export interface Coverage {
  readonly platforms: readonly ScannedPlatform[];
  /** Those that looked at something. */
  readonly scanners: readonly Scanner[];
  /** Of an artifact that is no image: the files that ship. */
  readonly files?: readonly ScannedFile[];
  /** Whether a source tree was scanned at all. */
  readonly source: boolean;
  /** Scanners that the job switched off, such as `osv-scanner on lockfiles`. */
  readonly switchedOff: readonly string[];
  readonly ecosystems: readonly ScannedEcosystem[];
  /** Files whose comments tried to switch checks off, which was not obeyed. */
  readonly inlineIgnores: readonly string[];
  /** What was looked at less than it seems, one sentence each. */
  readonly notes?: readonly string[];
}

/** One thing that the gate was made of. */
export interface PolicySource {
  /** `policy`, the path of a file, or an input with its value. */
  readonly name: string;
  readonly digest?: Digest;
}

export interface ProposedPolicy {
  readonly changes: readonly PolicyChange[];
  /** Why it could not be seen, if so. */
  readonly notes: readonly string[];
}

export interface ReportedComparison extends Comparison {
  /** Whether only what is new was judged. */
  readonly decides: boolean;
  /** Why it could not be compared with something, one sentence each. */
  readonly notes: readonly string[];
}

/** Everything that is known after a scan. The report file is this, as JSON. */
export interface ScanReport {
  readonly version: 1;
  /** What a person calls the image. */
  readonly image: string;
  /** Of the image; absent when only the source tree was scanned. */
  readonly digest?: Digest;
  readonly outcome: Outcome;
  /** Of the image only its attested SBOM was judged; absent for the image itself. */
  readonly from?: 'sbom';
  /** The outcome of the image alone, whatever is in the source tree; absent where no image was scanned. */
  readonly imageOutcome?: Outcome;
  readonly counts: FindingCounts;
  readonly problems: readonly ScanProblem[];
  readonly judgement: Judgement;
  /** Absent when there was nothing to compare with. */
  readonly comparison?: ReportedComparison;
  readonly findings: readonly Finding[];
  readonly coverage: Coverage;
  readonly databases: readonly DatabaseAnswer[];
  readonly tools: readonly { readonly name: string; readonly version: string }[];
  /** What is wanting in suppressions that were written for other tools, one sentence each. */
  readonly notes: readonly string[];
  /** How far the scanners were kept from the job's tokens. */
  readonly isolation: IsolationLevel;
  /** Over everything that judged: the policy file, and the files and inputs beside it. */
  readonly policyDigest: Digest;
  readonly policySources: readonly PolicySource[];
  /** What would judge after the merge of the change that is judged. */
  readonly proposed: ProposedPolicy;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** Files beside the verdict, by the names that it gives them. */
export type PlatformPredicates = Pick<Verdict['subject']['platforms'][number], 'vulnPredicate' | 'vulnsPredicate'>;

/** The short form that is attested. `predicates` are the files beside it, by platform. */
export function verdictOf(
  report: ScanReport & { readonly digest: Digest },
  predicates: ReadonlyMap<string, PlatformPredicates>,
): Verdict {
  return {
    version: 1,
    subject: {
      digest: report.digest,
      platforms: report.coverage.platforms.map(({ platform, digest }) => ({
        platform,
        digest,
        ...predicates.get(platform),
      })),
      ...(report.coverage.files && { files: report.coverage.files.map(({ name, digest }) => ({ name, digest })) }),
    },
    outcome: report.outcome,
    reasons: [...reasonsOf(report)],
    policyDigest: report.policyDigest,
    ...(report.comparison?.decides === true ? { onlyNewSince: [...report.comparison.against] } : {}),
    ...(report.coverage.switchedOff.length === 0 ? {} : { switchedOff: [...report.coverage.switchedOff] }),
    counts: report.counts,
    blocking: report.judgement.blocking.length,
    suppressed: report.judgement.suppressed.length,
    databases: report.databases.flatMap(({ database }) =>
      database === undefined
        ? []
        : {
            name: database.name,
            source: database.source,
            digest: database.digest,
            updatedAt: database.updatedAt?.toISOString() ?? null,
          },
    ),
    tools: report.tools.map(({ name, version }) => ({ name, version })),
    startedAt: report.startedAt.toISOString(),
    finishedAt: report.finishedAt.toISOString(),
  };
}

/** Why the outcome is not `pass`; empty for `pass`. */
export function reasonsOf({ problems, judgement }: Pick<ScanReport, 'problems' | 'judgement'>): readonly string[] {
  const reasons = problems.map((problem) => problem.what);
  return judgement.blocking.length === 0 ? reasons : [...reasons, blockingText(judgement.blocking)];
}
