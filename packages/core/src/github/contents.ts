import { PlimsollError } from '../runtime/errors.ts';
import { type ApiAnswer, type GitHubApi, parse } from './api.ts';
import { answerFailure } from './api-failure.ts';
import { pick, pickText } from '../runtime/pick.ts';

const LARGEST = 1024 * 1024;

/** A place in a repository on GitHub. */
export interface FileAddress {
  /** `owner/name`. */
  readonly repository: string;
  readonly path: string;
  /** Branch, tag or commit. */
  readonly ref: string;
}

/** `absent` is an answer: the repository could be read, and has no such file. */
export type FileAnswer = { readonly found: true; readonly bytes: Buffer } | { readonly found: false };

/**
 * Reads one file through the contents API, never from the tree that is being judged.
 * GitHub answers 404 both for "no such file" and for "you may not look"; whether the repository itself
 * can be read tells them apart.
 * @throws PlimsollError `policy-unreadable` when it cannot be told, `policy-invalid` when it is not a file of at most 1 MiB
 */
export async function readPolicyFile(api: GitHubApi, address: FileAddress): Promise<FileAnswer> {
  const answer = await api.send({ path: contentsPath(address), query: { ref: address.ref } });
  if (answer.status === 404) return assertAbsent(api, address);
  if (answer.status < 200 || answer.status > 299) throw unreadable(address, answer);
  return { found: true, bytes: decode(parse(answer), address) };
}

async function assertAbsent(api: GitHubApi, address: FileAddress): Promise<FileAnswer> {
  const root = await api.send({ path: contentsPath({ ...address, path: '' }), query: { ref: address.ref } });
  if (root.status === 200 && Array.isArray(parse(root))) return { found: false };
  throw unreadable(address, root);
}

function contentsPath({ repository, path }: FileAddress): string {
  return `/repos/${repository}/contents/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** https://docs.github.com/rest/repos/contents: base64 in lines; a directory is a list; above 1 MB there is no content. */
function decode(content: unknown, address: FileAddress): Buffer {
  const text = pickText(content, 'content') ?? '';
  const size = pick(content, 'size');
  if (pick(content, 'type') !== 'file' || pick(content, 'encoding') !== 'base64') throw notAFile(address);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length > LARGEST || (typeof size === 'number' && size !== bytes.length)) throw notAFile(address);
  return bytes;
}

function notAFile(address: FileAddress): PlimsollError {
  return new PlimsollError('policy-invalid', `${label(address)} is not a file of at most 1 MiB`, {
    hint: 'Name a YAML file in the input "policy".',
  });
}

function unreadable(address: FileAddress, answer: ApiAnswer): PlimsollError {
  return new PlimsollError('policy-unreadable', `${label(address)} may exist, but cannot be read`, {
    hint: `Write "permissions: contents: read" in the job, and check that the ref "${address.ref}" exists.`,
    cause: answerFailure(answer),
  });
}

/** `acme/app/.github/plimsoll.yml@main`, for messages. */
export function label({ repository, path, ref }: FileAddress): string {
  return `${repository}/${path}@${ref}`;
}
