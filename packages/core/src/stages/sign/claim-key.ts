import type { Digest } from '../../oci/digest.ts';
import { type Statement, statementKey } from '../../sigstore/statement.ts';
import { withoutRun } from './provenance.ts';

/**
 * Equal for two statements of one signer that need not both be made. A second attempt of a run would say nothing new
 * about the build, only its own number.
 */
export function claimKey(statement: Statement): Digest {
  return statementKey(withoutRun(statement));
}
