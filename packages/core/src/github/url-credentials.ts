const IN_HTTP = /^https?:\/\/[^/]*@/i;
/** With a user alone they are the usual way to write an address: the key stands elsewhere. */
const IN_SSH = /^(?:git|ssh):\/\/[^/@]*:[^/]*@/i;

/** Whether a URL holds a password or a token. It would stand in argument lists, in logs and in the provenance. */
export function holdsCredentials(url: string): boolean {
  return IN_HTTP.test(url) || IN_SSH.test(url);
}
