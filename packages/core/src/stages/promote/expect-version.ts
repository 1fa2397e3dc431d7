import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isSameVersion, parseVersionPlace, textAt, type VersionPlace } from '../../metadata/version-place.ts';
import { PlimsollError } from '../../runtime/errors.ts';

export interface VersionExpectation {
  /** As they are written in the input: `package.json#version`. */
  readonly places: readonly string[];
  /** What is released; a `v` in front does not matter. */
  readonly version: string;
  readonly workspace: string;
}

/**
 * Makes sure that the repository says the version that is released, before anything is done for it.
 *
 * @throws PlimsollError `version-mismatch` at the first place that says another, or none; `input-invalid`, `file-unreadable`
 */
export async function expectVersion({ places, version, workspace }: VersionExpectation): Promise<void> {
  const parsed = places.map((text) => readPlace(text));
  for (const place of parsed) {
    const found = lookUp(place, await readText(place, workspace));
    if (found !== undefined && isSameVersion(found.text, version)) continue;
    const key = place.keys.join('.');
    const where = { file: place.file, ...(found === undefined ? {} : { line: found.line }) };
    const at = found === undefined ? place.file : `${place.file}:${found.line}`;
    const says = found === undefined ? `has no text at ${key}` : `says ${key} is ${found.text.slice(0, 100)}`;
    throw new PlimsollError('version-mismatch', `${at} ${says}, but ${version} is being released`, {
      hint: `Write ${version.replace(/^v/, '')} there, commit it, and release that commit; or release the version that the files say.`,
      place: where,
    });
  }
}

function readPlace(text: string): VersionPlace {
  const place = parseVersionPlace(text);
  const inside = place !== undefined && !path.isAbsolute(place.file) && !place.file.split(/[\\/]/).includes('..');
  if (inside) return place;
  throw new PlimsollError('input-invalid', `The input "expect-version" has "${text.slice(0, 200)}"`, {
    hint: 'Write a file of the repository and a key in it, as charts/app/Chart.yaml#appVersion.',
  });
}

async function readText({ file }: VersionPlace, workspace: string): Promise<string> {
  try {
    return await readFile(path.join(workspace, file), 'utf8');
  } catch (cause) {
    throw new PlimsollError('file-unreadable', `${file} of "expect-version" cannot be read`, {
      hint: 'Check the path, and that actions/checkout runs before this step.',
      place: { file },
      cause,
    });
  }
}

function lookUp(place: VersionPlace, content: string) {
  try {
    return textAt(place, content);
  } catch (cause) {
    throw new PlimsollError('file-unreadable', `${place.file} of "expect-version" cannot be understood`, {
      hint: 'It has to be YAML, JSON or TOML, by the end of its name.',
      place: { file: place.file },
      cause,
    });
  }
}
