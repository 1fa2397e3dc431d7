/** Inputs of docker/build-push-action and docker/metadata-action without a namesake here, and what takes their place. */
const INSTEAD: Readonly<Record<string, string>> = {
  attests: 'write "sbom" and "provenance", which make them.',
  'bake-target': 'tags, labels and annotations go into the image without a bake file.',
  call: 'the checks run with every build; "dry-run: true" prints the plan.',
  'cgroup-parent': 'set it at the builder, and name that in "builder".',
  load: 'nothing is loaded into an engine. The output "layout" is the image, for tools that read OCI layouts.',
  outputs: 'the image is an OCI layout, which the output "layout" names; "push" publishes it.',
  'sep-annotations': 'outputs have one entry per line.',
  'sep-labels': 'outputs have one entry per line.',
  'sep-tag-names': 'outputs have one entry per line.',
  'sep-tags': 'outputs have one entry per line.',
};

/** What to write in place of an input of another action; `undefined` where that is not known, or where it is one here. */
export function insteadOf(given: string, names: readonly string[]): string | undefined {
  // Only the actions that build are mistaken for those.
  return names.includes('build-args') ? INSTEAD[given] : undefined;
}
