/** Why a program in an image did not start. */
export interface StartFailure {
  readonly reason: string;
  /** Whether it is made for a processor that the builder neither has nor emulates. */
  readonly foreign: boolean;
}

/** How a step of a build ended. */
export interface StepEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether BuildKit put an emulator of its own before the program. */
  readonly emulated: boolean;
}

/**
 * What says in place of a program that there is none: the container runtime (runc 1.1 to 1.3, crun, youki), runc's
 * init at the last moment, and QEMU as BuildKit's emulator or the kernel's. All of them write to standard error.
 */
const SAID: readonly RegExp[] = [
  /^(?:\S*runc run failed|runc create failed|crun|OCI runtime (?:create|exec) failed): ?.*$/m,
  /^.*unable to start container process.*$/m,
  /^exec (?:user process caused: |\/?\S+: )(?:exec format error|no such file or directory|permission denied|text file busy|input\/output error|argument list too long).*$/m,
  /^(?:\S*qemu[\w-]*|\S*\.buildkit_qemu_emulator): .*$/m,
];
const FOREIGN = /exec format error|Invalid ELF image for this architecture/;

/** Codes that a launcher gives of its own accord: 1 runc, 125 to 127 docker, crun and shells, 255 runc's init and QEMU. */
const OF_LAUNCHERS = [1, 125, 126, 127, 255];

/**
 * Tells a program that ended from one that never began, which BuildKit does not: both are an exit code. Where it
 * cannot be told the answer is that it never began, because then nothing is proved about the image.
 */
export function startFailure({ exitCode, stdout, stderr, emulated }: StepEnd): StartFailure | undefined {
  if (exitCode === 0 || !OF_LAUNCHERS.includes(exitCode)) return undefined;
  const said = SAID.map((pattern) => pattern.exec(stderr)?.[0]).find((line) => line !== undefined);
  if (said !== undefined) return { reason: said.trim().slice(0, 300), foreign: FOREIGN.test(said) };
  if (exitCode === 126 || exitCode === 127)
    return { reason: lastLine(stderr) ?? `exit code ${exitCode}`, foreign: false };
  const silent = stdout === '' && stderr === '';
  if (emulated && silent)
    return {
      reason: `exit code ${exitCode} without a word, which is also how an emulator ends that finds no program`,
      foreign: false,
    };
  return undefined;
}

function lastLine(text: string): string | undefined {
  return text.trim().split(/\r?\n/).at(-1)?.slice(0, 300) || undefined;
}
