import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const VERSION = '[ "$1" = version ] && { echo "github.com/docker/buildx v0.37.0 0"; exit 0; }';
/** Sets `dest` and `meta` to where buildx was told to write. */
const READ_ARGUMENTS = `while [ $# -gt 0 ]; do case "$1" in --output) out=$2;; --metadata-file) meta=$2;; esac; shift; done
dest=\${out#*dest=}; dest=\${dest%%,*}`;

/** A program for PLIMSOLL_TOOL_BUILDX that gives a layout which is there already. @returns its path */
export function replayingBuilder(directory: string, layout: { readonly directory: string; readonly digest: string }) {
  return program(
    directory,
    `${VERSION}
${READ_ARGUMENTS}
mkdir -p "$dest" && cp -R '${layout.directory}/.' "$dest" || exit 1
printf '{"containerimage.digest":"${layout.digest}"}' > "$meta"`,
  );
}

/**
 * A program that must never run: a build where none may be.
 * @returns its path, and the file that is there once it ran
 */
export function forbiddenBuilder(directory: string): { readonly file: string; readonly marker: string } {
  const marker = path.join(directory, 'a-build-was-started');
  return { file: program(directory, `: > '${marker}'\nexit 1`), marker };
}

/** The real buildx, and after it a script, which finds the layout's directory in `$dest`. @returns its path */
export function meddlingBuilder(
  directory: string,
  { buildx, script }: { readonly buildx: string; readonly script: string },
) {
  return program(
    directory,
    `[ "$1" = version ] && exec '${buildx}' "$@"\n'${buildx}' "$@" || exit $?\n${READ_ARGUMENTS}\n${script}`,
  );
}

function program(directory: string, body: string): string {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'buildx');
  writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}
