import { expect, it } from 'vitest';
import { refuseStrayAnnotations } from './annotation-platforms.ts';

const BUILT = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];

it.each(['a=b', 'index:a=b', 'manifest[linux/arm64/v8]:a=b', 'manifest[linux/arm]:a=b'])('takes %s', (line) => {
  expect(() => refuseStrayAnnotations([line], BUILT)).not.toThrow();
});

it.each(['manifest[linux/s390x]:a=b', 'manifest,manifest-descriptor[linux/arm/v6]:a=b'])('refuses %s', (line) => {
  expect(() => refuseStrayAnnotations(['x=y', line], BUILT)).toThrow(
    expect.objectContaining({ code: 'input-invalid', hint: expect.stringContaining('linux/arm/v7') }),
  );
});
