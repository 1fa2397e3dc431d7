import { pick, pickText } from '../../runtime/pick.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { Statement } from '../../sigstore/statement.ts';
import type { BuildRun } from './build-run.ts';

/** Something that the build made beside the image (SLSA provenance v1, ResourceDescriptor). */
export interface Byproduct {
  readonly name: string;
  readonly mediaType: string;
  readonly digest: { readonly sha256: string };
}

type Json = Readonly<Record<string, unknown>>;

/** BuildKit knows what went in, and nothing of the workflow around it. */
export function isCompletable({ predicateType }: Statement): boolean {
  return predicateType === PREDICATE_TYPES.slsaprovenance1;
}

/**
 * Adds to BuildKit's provenance what only the run knows: the workflow, the commit, the run and who built (SLSA provenance v1,
 * slsa.dev/spec/v1.0/provenance), and the SBOMs as byproducts. What BuildKit says is kept, also a builder that it names.
 * Pure. Provenance of another commit than the run's is not the run's to complete, and comes back as it was.
 */
export function completeProvenance(
  statement: Statement,
  { run, byproducts }: { readonly run: BuildRun; readonly byproducts: readonly Byproduct[] },
): Statement {
  const { predicate } = statement;
  if (!isCompletable(statement) || isOfAnotherCommit(predicate, run.commit)) return statement;
  const definition = objectAt(predicate, 'buildDefinition');
  const details = objectAt(predicate, 'runDetails');
  return {
    ...statement,
    predicate: {
      ...objectAt(predicate),
      buildDefinition: {
        ...definition,
        externalParameters: { ...objectAt(definition, 'externalParameters'), workflow: run.workflow },
        internalParameters: { ...objectAt(definition, 'internalParameters'), github: run.github },
        resolvedDependencies: [...otherSources(definition), source(run)],
      },
      runDetails: {
        ...details,
        builder: { ...objectAt(details, 'builder'), id: pickText(details, 'builder', 'id') || run.builderId },
        metadata: completeMetadata(objectAt(details, 'metadata'), run),
        ...(byproducts.length === 0 ? {} : { byproducts: [...listAt(details, 'byproducts'), ...byproducts] }),
      },
    },
  };
}

/**
 * The provenance without what an attempt of a run adds, so that one that a signer made in an earlier attempt is
 * recognised: it is about the same build by the same workflow at the same commit, and stays true.
 */
export function withoutRun(statement: Statement): Statement {
  const { predicate } = statement;
  if (!isCompletable(statement)) return statement;
  const { workflow: _workflow, ...externalParameters } = objectAt(predicate, 'buildDefinition', 'externalParameters');
  const { github: _github, ...internalParameters } = objectAt(predicate, 'buildDefinition', 'internalParameters');
  const { builder: _builder, metadata, ...details } = objectAt(predicate, 'runDetails');
  const { invocationId: _run, buildkit_invocationId: _build, ...rest } = objectAt(metadata);
  const definition = objectAt(predicate, 'buildDefinition');
  const resolvedDependencies = otherSources(definition);
  return {
    ...statement,
    predicate: {
      ...objectAt(predicate),
      buildDefinition: { ...definition, externalParameters, internalParameters, resolvedDependencies },
      runDetails: { ...details, metadata: rest },
    },
  };
}

/** The name that BuildKit gave the build is kept beside the run's. */
function completeMetadata(metadata: Json, { invocationId }: BuildRun): Json {
  const { invocationId: ofBuildKit, ...rest } = metadata;
  return { ...rest, invocationId, ...(ofBuildKit === undefined ? {} : { buildkit_invocationId: ofBuildKit }) };
}

function source({ sourceUri, commit }: BuildRun) {
  return { uri: sourceUri, digest: { gitCommit: commit } };
}

/** Everything but commits in git's own form, of which the run's is written anew. */
function otherSources(definition: Json): readonly unknown[] {
  return listAt(definition, 'resolvedDependencies').filter(
    (each) => !pickText(each, 'uri')?.startsWith('git+') || pick(each, 'digest', 'gitCommit') === undefined,
  );
}

/** BuildKit names the commit where the context is a checkout of git; `-dirty` when files were changed. */
function isOfAnotherCommit(predicate: unknown, commit: string): boolean {
  const revision = pickText(predicate, 'runDetails', 'metadata', 'buildkit_metadata', 'vcs', 'revision');
  return revision !== undefined && revision.replace(/-dirty$/, '') !== commit;
}

function objectAt(value: unknown, ...names: readonly string[]): Json {
  const found = names.length === 0 ? value : pick(value, ...names);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Json) : {};
}

function listAt(value: unknown, name: string): readonly unknown[] {
  const found = pick(value, name);
  return Array.isArray(found) ? found : [];
}
