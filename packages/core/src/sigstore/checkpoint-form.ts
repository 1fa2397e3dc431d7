/** The parts of a log entry's proof that its checkpoint repeats. */
export interface ProofParts {
  readonly treeSize: string;
  readonly rootHash: Buffer;
  readonly checkpoint: string;
  /** Where the leaf is. */
  readonly logIndex: string;
  /** Where the entry says that it is, unless the log has signed that in a promise. */
  readonly unsignedIndex?: string;
}

/**
 * Holds the tree size and the root of an inclusion proof against the signed checkpoint (C2SP, tlog-checkpoint): for a tiled log
 * the verifier takes both from the checkpoint, so the proof could say anything. Signatures are base64 in its one form.
 *
 * @throws Error with the reason
 */
export function assertProofForm({ treeSize, rootHash, checkpoint, logIndex, unsignedIndex }: ProofParts): void {
  if (unsignedIndex !== undefined && unsignedIndex !== logIndex) {
    throw new Error('the inclusion proof is of another entry');
  }
  const [, size, root] = checkpoint.split('\n');
  if (size !== treeSize || root !== rootHash.toString('base64')) {
    throw new Error('the inclusion proof is not for the tree of its checkpoint');
  }
  for (const [, text = ''] of checkpoint.matchAll(/^\u2014 \S+ (.*)$/gm)) {
    if (Buffer.from(text, 'base64').toString('base64') !== text) throw new Error('the checkpoint is not canonical');
  }
}
