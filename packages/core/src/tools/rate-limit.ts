/** What somebody can do about a registry that answers 429. */
export interface RateLimit {
  readonly message: string;
  readonly hint: string;
}

const LIMITED = /toomanyrequests|429 Too Many Requests/i;
/** Who answered, as BuildKit says it: the last address, or the registry of the image. */
const HOSTS = [/.*https?:\/\/([^/\s"]+)/s, /from host (\S+)/, /source metadata for ([^/\s]+)\//];
const DOCKER_HUB = /(?:^|\.)docker\.(?:io|com)$/;

/**
 * Reads a refusal out of what BuildKit says. Only Docker Hub has mirrors, and a limit that most people meet.
 * @param verdict the last sentence of a build
 */
export function readRateLimit(verdict: string): RateLimit | undefined {
  if (!LIMITED.test(verdict)) return undefined;
  const host = HOSTS.map((pattern) => pattern.exec(verdict)?.[1]).find((found) => found !== undefined);
  if (host !== undefined && DOCKER_HUB.test(host)) {
    return {
      message: 'Docker Hub refused to give more images for now',
      hint: 'Write "mirror: mirror.gcr.io", or log in to Docker Hub before this step (docker/login-action): anonymous pulls have the lowest limit.',
    };
  }
  const who = host ?? 'A registry';
  return {
    message: `${who} refused more requests for now`,
    hint: `Log in to ${host ?? 'it'} before this step (docker/login-action) if anonymous requests have a lower limit there, or start the run again later.`,
  };
}
