import path from 'node:path';
import { type GitRun, readGitContext } from './git-context.ts';

/** What is built, as it was written. */
export interface WrittenSource {
  readonly context: string;
  readonly file: string | undefined;
}

/** @param directory - where relative paths start */
export function readSource({ context, file }: WrittenSource, directory: string, github: GitRun) {
  const git = readGitContext(context, github);
  return {
    context: git === undefined ? path.resolve(directory, context) : context,
    file: file === undefined || git !== undefined ? file : path.resolve(directory, file),
    git,
  } as const;
}
