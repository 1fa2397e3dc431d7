import { isFailure } from '../../runtime/errors.ts';
import { UNREADABLE } from '../../tools/sandbox-script.ts';
import { broken, missing, type ScanProblem } from './problem.ts';

const NO_JAVA = /java db/i;

/**
 * What a scanner's failure means for the verdict. Anything that is not a scanner's failure, such as
 * a cancelled run or a full disk, is thrown on.
 */
export function toolProblem(what: string, error: unknown): ScanProblem {
  if (!isFailure(error, 'tool-failed', 'tool-timeout', 'tool-output-invalid')) throw error;
  const closed = error.message.split(UNREADABLE)[1];
  if (closed !== undefined) {
    return missing(
      `${what}: ${closed} may not be read by the isolated scanner`,
      'Make it readable for everybody (chmod a+rX) before the scan, or remove it when it is not part of the source.',
    );
  }
  return broken(`${what} could not be scanned: ${error.message}`, error.hint);
}

/** Whether trivy gave up because it met a Java archive and has no database of those. */
export function needsJavaDatabase(error: unknown): boolean {
  return isFailure(error, 'tool-failed') && NO_JAVA.test(error.message);
}

/** Runs a scanner; its failure becomes a problem instead of an error. */
export async function attempt<T>(what: string, task: () => Promise<T | ScanProblem>): Promise<T | ScanProblem> {
  try {
    return await task();
  } catch (error) {
    return toolProblem(what, error);
  }
}

export function isProblem(value: object): value is ScanProblem {
  return 'todo' in value;
}
