import { expect, it } from 'vitest';
import { startFailure } from './start-failure.ts';

const end = { exitCode: 1, stdout: '', stderr: '', emulated: false };

it.each<readonly [string, Partial<typeof end>, boolean]>([
  [
    'runc 1.1',
    { stderr: 'runc run failed: unable to start container process: exec: "x": executable file not found in $PATH\n' },
    false,
  ],
  [
    'runc 1.3',
    {
      stderr:
        'runc run failed: unable to start container process: error during container init: exec: "/x": permission denied\n',
    },
    false,
  ],
  ['runc in init', { stderr: 'exec /bin/x: exec format error\n' }, true],
  ['runc in init, of a script', { stderr: 'exec /entry.sh: no such file or directory\n', exitCode: 255 }, false],
  ['crun', { stderr: 'crun: executable file `x` not found in $PATH: No such file or directory\n' }, false],
  [
    'QEMU',
    {
      stderr: '.buildkit_qemu_emulator: /bin/x: Invalid ELF image for this architecture\n',
      exitCode: 255,
      emulated: true,
    },
    true,
  ],
  [
    "the kernel's QEMU",
    { stderr: "qemu-aarch64: Could not open '/lib/ld-linux-aarch64.so.1': No such file or directory\n", exitCode: 255 },
    false,
  ],
  ['a shell', { stderr: 'sh: x: not found\n', exitCode: 127, stdout: 'starting\n' }, false],
  [
    'a loader',
    { stderr: 'error while loading shared libraries: libx.so: cannot open shared object file\n', exitCode: 127 },
    false,
  ],
  ['an emulator that says nothing', { emulated: true }, false],
])('%s started nothing', (_who, seen, foreign) => {
  expect(startFailure({ ...end, ...seen })).toMatchObject({ foreign });
});

it.each<readonly [string, Partial<typeof end>]>([
  ['a program that ends well, whatever it says', { exitCode: 0, stderr: 'crun: x\n' }],
  ['a program that fails silently', {}],
  ['a program that fails emulated, and says so', { emulated: true, stdout: 'no\n' }],
  ['a code that no launcher gives', { exitCode: 3, emulated: true }],
  ['a signal', { exitCode: 139, stderr: 'exec /x: permission denied\n' }],
  ['a program that talks about others', { stderr: 'error: exec: x: permission denied\n' }],
])('%s was started', (_what, seen) => {
  expect(startFailure({ ...end, ...seen })).toBeUndefined();
});
