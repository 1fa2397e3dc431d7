/** What a file of the repository may be told of the job's environment. */
export interface JobVariables {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a text holds a secret that this run was given by another way. */
  readonly isSecret?: ((text: string) => boolean) | undefined;
}

/** Variables by whether a file that names them gets their values. */
export interface AskedVariables {
  readonly given: Readonly<Record<string, string>>;
  /** Names of those that are set, and that are no business of a file. */
  readonly withheld: readonly string[];
}

/** A word of a name, as underscores and dashes separate them, that says that the value is a secret. */
const SECRET_WORD =
  /(?:TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL|(?:ACCESS|ACCOUNT|API|DEPLOY|ENCRYPTION|MASTER|PRIVATE|SIGNING|SSH)KEY)S?$|^(?:CREDS|JWT|KEYS?|PASS|PAT|PW)$/;
/** Ends of names that say the same in several words; `PWD` by itself is the working directory. */
const SECRET_END = /(?:^|_)AUTH(?:_CONFIG|_SOCK)?$|_PWD$|CONNECTION_?STRING$/;
/** Accounts: of the runner, of cosign, and of key services and clouds. */
const ACCOUNT = /^(?:ACTIONS|AWS|AZURE|CLOUDSDK|COSIGN|GOOGLE|TRANSIT|VAULT)_/;
/** What names of images are made of, and versions of these programs, are no accounts. */
const PUBLIC_END = /_(?:ACCOUNT_ID|LOCATION|PARTITION|PROJECT|PROJECT_ID|REGION|REGISTRY|REPOSITORY|VERSION|ZONE)$/;
const PUBLIC_KEY = /PUBLIC_?KEYS?/g;
/** Private keys, addresses with a password, GitHub's tokens. */
const SECRET_VALUE =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:[^\s/@]+@|\b(?:gh[oprsu]_[A-Za-z0-9]{16}|github_pat_\w{16})/i;

/**
 * Parts the variables that a file asks for. What a bake or compose file reads goes to build arguments, provenance and
 * addresses, so secrets are none of it, by their name or by what they are. One that is empty holds none.
 *
 * @param names as the file has them
 */
export function askedVariables(
  names: readonly string[],
  { env, isSecret = () => false }: JobVariables,
): AskedVariables {
  const set = names.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [{ name, value }];
  });
  const hidden = set.filter(
    ({ name, value }) => value !== '' && (isSecretName(name) || SECRET_VALUE.test(value) || isSecret(value)),
  );
  const withheld = [...new Set(hidden.map(({ name }) => name))];
  const given = set.filter(({ name }) => !withheld.includes(name));
  return { given: Object.fromEntries(given.map(({ name, value }) => [name, value])), withheld };
}

function isSecretName(name: string): boolean {
  const known = name.toUpperCase().replaceAll('-', '_').replaceAll(PUBLIC_KEY, '');
  if (SECRET_END.test(known) || known.split('_').some((word) => SECRET_WORD.test(word))) return true;
  return ACCOUNT.test(known) && !PUBLIC_END.test(known);
}
