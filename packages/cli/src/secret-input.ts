const SECRET = /(?:^|-)(?:password|token|secrets|registry-auth)$/;

/** Inputs that are never taken from the command line, because others on the machine can read it. */
export function isSecretInput(name: string): boolean {
  return SECRET.test(name);
}

/** `dest-password` is `PLIMSOLL_INPUT_DEST_PASSWORD`. */
export function variableFor(name: string): string {
  return `PLIMSOLL_INPUT_${name.replaceAll('-', '_').toUpperCase()}`;
}
