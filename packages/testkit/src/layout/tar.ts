const BLOCK = 512;

/** File contents by path without a leading slash. */
export type Tree = Readonly<Record<string, string | Buffer>>;

/** An uncompressed POSIX ustar archive, the same bytes for the same tree. */
export function tar(tree: Tree): Buffer {
  const entries = Object.entries(tree).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const blocks = entries.flatMap(([path, content]) => {
    const bytes = Buffer.from(content);
    const padding = Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
    return [header(path, bytes.length), bytes, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(path: string, size: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`${path} is longer than the 100 bytes that this writer supports`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number) => block.write(value.toString(8).padStart(digits, '0'), at);
  block.write(path, 0);
  octal(0o644, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  block.fill(' ', 148, 156); // the checksum counts its own field as blanks
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148);
  return block;
}
