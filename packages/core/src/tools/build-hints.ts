interface Hint {
  readonly pattern: RegExp;
  readonly hint: string;
}

/** What BuildKit 0.33 says of a build that is at fault itself. The first match counts. */
const HINTS: readonly Hint[] = [
  {
    pattern: /buildkit-syft-scanner/,
    hint: 'The SBOM generator could not be pulled: let the builder reach it, or name another in `sbom-generator`.',
  },
  { pattern: /exit code: \d+/, hint: 'The command in this line failed; its own output is in the log above.' },
  {
    pattern: /\bsecret \S+: not found/,
    hint: 'Give the build this secret: write "secrets: NAME=${{ secrets.NAME }}" with the id that the line has.',
  },
  {
    pattern: /unset ssh forward key/,
    hint: 'Give the build this key: write "ssh: default" for the agent, or "ssh: id=/path/of/key".',
  },
  {
    pattern: /target stage .* could not be found/,
    hint: 'Write in `target` a name that stands behind AS in a FROM line of the Dockerfile.',
  },
  {
    pattern: /(?:network\.host|security\.insecure|device\S*) is not allowed/,
    hint: 'Write it in `allow`, such as "allow: network.host"; the builder has to allow it too (buildkitd.toml).',
  },
  {
    pattern: /pull access denied|insufficient_scope|source metadata for .*(?:40[13] |unauthorized|denied)/i,
    hint: 'Check the name: what is none of the stages is taken for an image. For one that is private, log in before this step (docker/login-action).',
  },
  {
    pattern: /source metadata for .*: not found/,
    hint: 'Its registry has no such image or tag: check what this line names.',
  },
  {
    pattern: /source metadata for .*(?:failed to do request|dial tcp|no such host)/,
    hint: 'The builder does not reach that registry: check the name, and its network and proxy.',
  },
  {
    pattern: /failed to calculate checksum/,
    hint: 'Check that the file is in the build context and that .dockerignore does not exclude it.',
  },
];

/**
 * @param reason what BuildKit says
 * @param summary what it wrote when the progress was over, with the last lines of the step that failed
 */
export function buildHint(reason: string, summary: string): string {
  if (/exit code: \d+/.test(reason) && /exec format error/.test(summary)) {
    return 'The builder cannot run this platform: install QEMU first (docker/setup-qemu-action), or cross-compile.';
  }
  return HINTS.find(({ pattern }) => pattern.test(reason))?.hint ?? 'The steps of the build are in the log above.';
}
