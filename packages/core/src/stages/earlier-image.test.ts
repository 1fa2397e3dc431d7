import { expect, test } from 'vitest';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';
import { askedEarly } from './earlier-image.ts';

const found: Descriptor = { mediaType: 'x', digest: digestOf(Buffer.from('image')), size: 1 };

function place(answer: () => Promise<Descriptor | undefined>) {
  const asked: string[] = [];
  const resolve = (reference: string) => {
    asked.push(reference);
    return answer();
  };
  return { asked, repository: { label: 'registry.test/acme/app', resolve } };
}

test('the commit is asked for at once and not again, and every other tag when somebody wants it', async () => {
  const { asked, repository } = place(() => Promise.resolve(found));
  const early = askedEarly(repository, 'abc0');
  expect(asked).toEqual(['sha-abc0']);
  expect(await early.resolve('sha-abc0')).toEqual(found);
  await early.resolve('sha-abc0-1-1');
  expect(asked).toEqual(['sha-abc0', 'sha-abc0-1-1']);
});

test('a failure is told to whoever needs the answer, and to nobody else', async () => {
  const { repository } = place(() => Promise.reject(new Error('down')));
  const early = askedEarly(repository, 'abc0');
  await new Promise(setImmediate);
  await expect(early.resolve('sha-abc0')).rejects.toThrow('down');
});

test('what is no commit is not asked for', () => {
  const { asked, repository } = place(() => Promise.resolve(undefined));
  expect(askedEarly(repository, '../x')).toBe(repository);
  expect(asked).toEqual([]);
});
