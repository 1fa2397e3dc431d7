import { code } from './markdown.ts';

/** Who can see a package, and where a person changes that. */
export interface Visibility {
  /** `public`, `private` or `internal`; `unknown` where GitHub did not say. */
  readonly is: string;
  readonly settingsUrl: string;
}

export function visibilityText({ is, settingsUrl }: Visibility): string {
  const known = is === 'unknown' ? 'GitHub did not tell' : code(is);
  return `${known}; no API changes it, [the settings](${settingsUrl}) do`;
}
