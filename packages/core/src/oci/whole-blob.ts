/** A blob that is in memory: a stream of one chunk, or its bytes themselves for whoever can do with them. */
export class WholeBlob implements AsyncIterable<Uint8Array> {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    yield this.bytes;
  }
}
