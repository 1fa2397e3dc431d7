import {
  parseReference,
  parseRepositoryName,
  type Reference,
  type RepositoryName,
  repositoryLabel,
} from '@plimsoll/core/oci/reference';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import type { PromoteContext } from './inputs.ts';

/** Where all images go together. */
export interface Place {
  /** As it was written. */
  readonly label: string;
  /** One for each image, in their order. */
  readonly repositories: readonly RepositoryName[];
}

/** @throws PlimsollError `input-missing`, `reference-invalid`, `digest-invalid`, `input-conflict` */
export function readSources({ inputs }: PromoteContext): readonly Reference[] {
  inputs.required('source');
  const sources = inputs.lines('source').map(parseReference);
  refuseTwice('source', sources);
  return sources;
}

/** The `destination` or `destinations`; the images' own repositories when there is neither. */
export function readPlaces({ inputs }: PromoteContext, sources: readonly Reference[]): readonly Place[] {
  const one = inputs.text('destination');
  const many = inputs.lines('destinations');
  if (one !== undefined && many.length > 0) {
    throw new PlimsollError('input-conflict', '"destination" and "destinations" cannot both be given', {
      hint: 'Write all of them under "destinations:", one per line.',
    });
  }
  const written = one === undefined ? many : [one];
  const own = { label: 'their own repositories', repositories: sources };
  const places = written.length === 0 ? [own] : written.map((label) => placeOf(label, sources));
  refuseTwice(
    'destination',
    places.flatMap(({ repositories }) => repositories),
  );
  return places;
}

/** `quay.io/acme/*` is a place for several images, each under the last part of its name. */
function placeOf(label: string, sources: readonly Reference[]): Place {
  const repositories = sources.map(({ repository }) =>
    parseRepositoryName(label.replace(/\*$/, repository.slice(repository.lastIndexOf('/') + 1))),
  );
  if (label.endsWith('/*') || sources.length === 1) return { label, repositories };
  throw new PlimsollError('input-conflict', `"${label}" is one repository, but there are ${sources.length} images`, {
    hint: `Write ${label.replace(/\/[^/]*$/, '')}/* to give each image a repository of its own name.`,
  });
}

function refuseTwice(input: string, names: readonly RepositoryName[]): void {
  const labels = names.map(repositoryLabel);
  const twice = labels.find((label, index) => labels.indexOf(label) !== index);
  if (twice === undefined) return;
  throw new PlimsollError('input-conflict', `"${input}" names ${twice} twice`, {
    hint: `Write every repository once under "${input}:".`,
  });
}
