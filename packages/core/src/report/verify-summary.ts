import { PREDICATE_TYPES, predicateName } from '../sigstore/predicates.ts';
import type { BundleReport, VerifyReport } from '../stages/verify/report.ts';
import { code, details, escape, sections, table } from './markdown.ts';
import { shellBlock } from './shell-block.ts';
import { verifyCommands } from './verify-commands.ts';

/**
 * The job summary of a verification: the answer, who was asked for, what was found, and why not.
 * @param trustedRoot path of the trusted root, where it was not the public one
 */
export function verifySummary(report: VerifyReport, trustedRoot?: string): string {
  const commands = consumerCommands(report, trustedRoot);
  return sections(
    `## ${report.verified ? '✅ Verified' : `❌ Not verified: ${report.outcome}`}`,
    code(`${report.repository}@${report.digest}`),
    report.failure && sections(`**${escape(report.failure.message)}**`, escape(report.failure.hint)),
    '### Who may sign',
    table(
      ['', ''],
      Object.entries(report.policy).map(([name, value]) => [escape(name), code(value)]),
    ),
    report.requirements.length > 0 ? '### What has to be there' : undefined,
    table(
      ['Evidence', '', 'Found'],
      report.requirements.map(({ predicateType, met, detail }) => [
        code(predicateName(predicateType)),
        met ? '✅' : '❌',
        escape(detail),
      ]),
    ),
    lostBlock(report),
    bundleTable(report.bundles),
    commands.length > 0 ? details('Check it yourself', shellBlock(commands)) : undefined,
  );
}

/** For the image as it was verified: with the identity that did sign, and the types that are there. */
export function consumerCommands(
  { repository, digest, bundles, verified }: VerifyReport,
  trustedRoot?: string,
): readonly string[] {
  const accepted = bundles.filter((bundle) => bundle.accepted && bundle.subject === digest);
  const signature = accepted.find(({ predicateType }) => predicateType === PREDICATE_TYPES.signature);
  const { identity, issuer, sourceRepository } = signature ?? {};
  if (!verified || identity === undefined || issuer === undefined) return [];
  const predicateTypes = accepted.flatMap(({ predicateType }) => predicateType ?? []);
  const signer = { identity, issuer, sourceRepository, unlogged: signature?.unlogged };
  return verifyCommands({ image: repository, digest, ...signer, predicateTypes, trustedRoot });
}

/** One line for every list of referrers that lost entries. */
export function lostLines({ lost }: VerifyReport): readonly string[] {
  const bySubject = Map.groupBy(lost, ({ subjectName }) => subjectName);
  return [...bySubject].map(([name, entries]) => {
    const types = entries.map(({ predicateType }) => predicateName(predicateType)).join(', ');
    return `The list of referrers of ${name} lost ${types}: another program overwrote it. Run sign on this digest again to put them back.`;
  });
}

function lostBlock(report: VerifyReport): string | undefined {
  const lines = lostLines(report);
  return lines.length === 0 ? undefined : sections('### Lost evidence', ...lines.map((line) => `⚠️ ${escape(line)}`));
}

function bundleTable(bundles: readonly BundleReport[]): string {
  const rows = bundles.map((bundle) => [
    code(predicateName(bundle.predicateType ?? 'unknown')),
    escape(bundle.subjectName),
    bundle.identity === undefined ? '–' : code(bundle.identity),
    bundle.signedAt ?? '–',
    bundle.accepted ? 'accepted' : escape(`ignored: ${bundle.reason ?? ''}`),
  ]);
  const shown = table(['Bundle', 'On', 'Signed by', 'At', ''], rows);
  return rows.length === 0 ? '' : details(`${rows.length} bundles found`, shown);
}
