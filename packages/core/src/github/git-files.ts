import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';
import { type ApiAnswer, type GitHubApi, parse } from './api.ts';
import { answerFailure } from './api-failure.ts';

/** Files of a repository at one commit. */
export interface GitTree {
  /** `owner/name`. */
  readonly repository: string;
  /** As it was asked for. */
  readonly ref: string;
  /** Path to the blob's id; no submodules, no symbolic links. */
  readonly files: ReadonlyMap<string, string>;
}

const Commit = v.looseObject({ commit: v.looseObject({ tree: v.looseObject({ sha: v.string() }) }) });
const Tree = v.looseObject({
  truncated: v.boolean(),
  tree: v.array(v.looseObject({ path: v.string(), mode: v.string(), type: v.string(), sha: v.string() })),
});
const Blob = v.looseObject({ encoding: v.literal('base64'), content: v.string(), size: v.number() });
const Branches = v.array(v.looseObject({ name: v.string() }));

const FILES: ReadonlySet<string> = new Set(['100644', '100755']);

/**
 * The files at a branch, tag or commit (docs.github.com/rest/git/trees).
 * @throws PlimsollError `file-unreadable` when it cannot be told what is there: no such ref, no permission, or too many files
 */
export async function readTree(api: GitHubApi, repository: string, ref: string): Promise<GitTree> {
  const place = `${repository}@${ref}`;
  const at = `/repos/${repository}/commits/${encodeURIComponent(ref)}`;
  const { commit } = shaped(Commit, await api.send({ path: at }), place);
  const path = `/repos/${repository}/git/trees/${commit.tree.sha}`;
  const { truncated, tree } = shaped(Tree, await api.send({ path, query: { recursive: '1' } }), place);
  if (truncated) throw unreadable(place, 'has more files than GitHub lists', undefined);
  const files = tree.filter(({ type, mode }) => type === 'blob' && FILES.has(mode));
  return { repository, ref, files: new Map(files.map((one) => [one.path, one.sha])) };
}

/** @throws PlimsollError `file-unreadable` */
export async function readTextAt(api: GitHubApi, { repository, ref, files }: GitTree, path: string): Promise<string> {
  const place = `${repository}@${ref}:${path}`;
  const answer = await api.send({ path: `/repos/${repository}/git/blobs/${files.get(path) ?? ''}` });
  const { content, size } = shaped(Blob, answer, place);
  const bytes = Buffer.from(content, 'base64');
  if (bytes.length !== size) throw unreadable(place, 'came cut short', undefined);
  return bytes.toString('utf8');
}

/** Names of all branches. @throws PlimsollError `file-unreadable` */
export async function branchNames(api: GitHubApi, repository: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const page of api.pages(`/repos/${repository}/branches`))
      names.push(...v.parse(Branches, page).map(({ name }) => name));
  } catch (cause) {
    throw unreadable(repository, 'does not show its branches', cause);
  }
  return names;
}

function shaped<T extends v.GenericSchema>(schema: T, answer: ApiAnswer, place: string): v.InferOutput<T> {
  if (answer.status < 200 || answer.status > 299) throw unreadable(place, 'cannot be read', answerFailure(answer));
  const result = v.safeParse(schema, parse(answer));
  if (result.success) return result.output;
  throw unreadable(place, `is not as documented (${v.getDotPath(result.issues[0]) ?? 'the answer'})`, undefined);
}

function unreadable(place: string, problem: string, cause: unknown): PlimsollError {
  return new PlimsollError('file-unreadable', `${place} ${problem}`, {
    hint: 'What is in use is unknown, so nothing was deleted. Check the name of the ref, write "permissions: contents: read" in the job, and for another private repository give a token that may read it as "github-token".',
    cause,
  });
}
