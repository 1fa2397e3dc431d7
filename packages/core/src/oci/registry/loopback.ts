/**
 * True for a host of this machine, where docker too accepts a registry without TLS.
 *
 * @param host - with or without a port, IPv6 in brackets
 */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
