import { blobOf, streamOf } from '@plimsoll/testkit/registry/fixtures';
import { expect, it } from 'vitest';
import { checkedStream, readBytes } from './checked-stream.ts';
import { digestOf } from './digest.ts';

const { bytes, descriptor } = blobOf('some bytes that are checked');

it('passes on what matches, of either algorithm', async () => {
  expect(await readBytes(checkedStream(streamOf(bytes), descriptor, 'here'))).toEqual(bytes);
  const longer = { ...descriptor, digest: digestOf(bytes, 'sha512') };
  expect(await readBytes(checkedStream(streamOf(bytes), longer, 'here'))).toEqual(bytes);
});

it.each([
  ['other bytes', Buffer.from('other bytes that are tested')],
  ['fewer bytes', bytes.subarray(1)],
  ['more bytes', Buffer.concat([bytes, bytes])],
  ['no bytes', Buffer.alloc(0)],
])('never hands over the whole of %s', async (_what, wrong) => {
  let received = 0;
  const reading = async () => {
    for await (const chunk of checkedStream(streamOf(wrong), descriptor, 'here')) received += chunk.length;
  };
  await expect(reading()).rejects.toMatchObject({ code: 'digest-mismatch' });
  expect(received).toBeLessThan(descriptor.size);
});

it('does not check twice what is checked already', () => {
  const once = checkedStream(streamOf(bytes), descriptor, 'here');
  expect(checkedStream(once, descriptor, 'there')).toBe(once);
  expect(checkedStream(once, { ...descriptor, digest: digestOf(Buffer.from('x')) }, 'there')).not.toBe(once);
});
