import type { Inputs } from './inputs.ts';

/** Defaults of inputs in action.yml that are not empty: with these nobody has to have said anything. */
export const USUAL: Readonly<Record<string, string>> = {
  context: '.',
  'if-missing': 'error',
  created: 'commit',
  'force-rebuild': 'auto',
  mode: 'single',
  'attestation-style': 'inline',
  cache: 'auto',
  'no-cache': 'false',
  pull: 'false',
  provenance: 'max',
  sbom: 'true',
};

/** The first of some inputs that somebody has set to something else than its default, as far as that can be told. */
export function firstSaid<Name extends string>(
  inputs: Pick<Inputs<Name>, 'text'>,
  names: readonly Name[],
): Name | undefined {
  return names.find((name) => {
    const text = inputs.text(name);
    return text !== undefined && text.toLowerCase() !== USUAL[name];
  });
}
