import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { asList, asText, at, type ContentProblem, type ContentRules } from './content-rules.ts';

/** Holds a provenance against the builders of the policy, and its commit against that of the certificate. */
export function provenanceProblem(
  { statement, signer }: VerifiedBundle,
  { builderIds = [] }: ContentRules,
): ContentProblem | undefined {
  const builder = asText(at(statement.predicate, 'runDetails', 'builder', 'id'));
  if (builderIds.length > 0 && !builderIds.some((pattern) => pattern.matches(builder))) {
    const wanted = builderIds.map((pattern) => pattern.text).join(' or ');
    return { code: 'builder', text: `names the builder ${builder || 'nobody'}, not ${wanted}` };
  }
  const { sourceDigest, sourceRepository } = signer;
  if (sourceDigest === undefined) return undefined;
  const other = commitsOf(statement.predicate, sourceRepository).find((commit) => commit !== sourceDigest);
  if (other === undefined) return undefined;
  return { code: 'provenance-commit', text: `is of commit ${other}, but was signed by a run for ${sourceDigest}` };
}

/**
 * The commits of the source, from both places where one may stand: where BuildKit writes that of a build context,
 * and the dependency (SLSA provenance v1, `resolvedDependencies`) that is the repository of the run.
 */
function commitsOf(predicate: unknown, repository: string | undefined): readonly string[] {
  const revision = asText(at(predicate, 'runDetails', 'metadata', 'buildkit_metadata', 'vcs', 'revision'));
  const source = asList(at(predicate, 'buildDefinition', 'resolvedDependencies'))
    .filter((dependency) => repository !== undefined && isOf(asText(at(dependency, 'uri')), repository))
    .map((dependency) => asText(at(dependency, 'digest', 'gitCommit')));
  // A context with changes is no commit at all, and BuildKit says so.
  return [revision, ...source].filter((commit) => /^[0-9a-f]{40}(?:-dirty)?$/.test(commit));
}

/** `git+https://github.com/acme/app@refs/heads/main`, with or without `.git`. */
function isOf(uri: string, repository: string): boolean {
  const [location = ''] = uri.replace(/^git\+/, '').split(/[@#?]/);
  return location.replace(/\.git$/, '').toLowerCase() === repository.toLowerCase();
}
