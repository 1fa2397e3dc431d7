import type { Parts } from './parts.ts';

/** The tools whose path an action takes from its environment instead of downloading a release. */
const ACTION_TOOLS = ['buildx', 'cosign', 'osv-scanner', 'trivy'] as const;

/** What a step must be told of the world: where GitHub and the registries are, whom to trust, which tools to use. */
export function worldVariables(parts: Partial<Parts>, tools: Readonly<Record<string, string>>): Record<string, string> {
  const { github, ghcr, quay, buildkit } = parts;
  return {
    ...toolVariables(tools),
    ...(github === undefined
      ? {}
      : { GITHUB_API_URL: github.apiUrl, ...github.oidc.variables(), ...github.cache.variables() }),
    ...(ghcr === undefined ? {} : { PLIMSOLL_GHCR_HOST: ghcr.host }),
    ...(quay === undefined ? {} : { NODE_EXTRA_CA_CERTS: quay.caFile, SSL_CERT_FILE: quay.caFile }),
    ...buildkit?.env,
  };
}

function toolVariables(tools: Readonly<Record<string, string>>): Record<string, string> {
  const known = ACTION_TOOLS.flatMap((name) => {
    const file = tools[name];
    return file === undefined ? [] : [[`PLIMSOLL_TOOL_${name.replaceAll('-', '_').toUpperCase()}`, file] as const];
  });
  return Object.fromEntries(known);
}
