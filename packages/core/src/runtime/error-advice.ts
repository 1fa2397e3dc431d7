import type { ErrorCode } from './error-codes.ts';

/**
 * What to do about each code, for the troubleshooting page. The hint of the failure itself names
 * the exact line; this says where to look. A code without advice does not compile.
 */
export const ERROR_ADVICE: Readonly<Record<ErrorCode, string>> = {
  'input-unknown':
    'Compare the name with the table in the README of the action; the hint names the nearest one. The runner itself only warns about unknown inputs, which turns a typing error into a default.',
  'input-missing': 'Add the input under `with:` of the step. The message names it.',
  'input-invalid':
    'Write the value in the form that the message shows. Booleans are `true` or `false`, lists have one entry per line.',
  'input-conflict': 'Keep one of the two inputs that the message names.',
  'event-invalid':
    'Run the action on a GitHub runner, or set the `GITHUB_*` variables that the message names. Under `act`, pass an event file with `-e`.',
  'ref-unprotected':
    'Protect the branch or tag with a rule (Settings, Rules), or publish development images with `unprotected-refs: members` (`allow_unprotected_ref: true` in the reusable workflow); those are named `dev-…` and never signed.',
  'membership-unknown':
    'The token of a job cannot see private memberships. Pass a token with `read:org` as `org-check-token`, in the reusable workflow as the secret `org_check_token`.',
  'reference-invalid': 'Write `registry/repository`, with `:tag` or `@sha256:…` where one is asked for.',
  'digest-invalid': 'Pass the `digest` output of the step before, unchanged.',
  'digest-required':
    'Pass `registry/repository@sha256:…`. A tag may point to something else a minute later; the `digest` output of the step before does not.',
  'family-invalid':
    'The message has file, line and column. [Families](families.md) lists the keys of an image. Every image has a name and a repository of its own, and `needs` names images of the same family, never in a circle.',
  'base-unused':
    'Write `FROM` with the name that the image has in `needs`, such as `FROM base`, in the stage that is built, or take it out of `needs`.',
  'git-unreadable':
    'Check the URL and the ref after `#`: a branch, a tag or a full commit. A private repository other than that of the run, and in this one the ref of a pull request or a commit other than that of the run, needs the secret `GIT_AUTH_TOKEN`.',
  'dockerfile-missing':
    'Set `file` to the path of the Dockerfile, relative to the workspace. The message lists the places that were looked at. Check that `actions/checkout` runs before.',
  'layout-invalid': 'Build again into a fresh directory. A layout must hold exactly one root and every blob it names.',
  'digest-mismatch':
    'Run again. When it stays, the registry, a proxy or the disk changes content: pull the same digest with another client to find out which.',
  'manifest-invalid':
    'Check that the reference names a container image or an index. Images of the old Docker schema 1 have to be rebuilt.',
  'registry-unreachable': 'Check the host name, the proxy and the firewall of the runner, then run again.',
  'registry-unauthorized':
    'Give credentials for the host: `github-token` for GHCR, `registry-auth` for others. Robot accounts and tokens expire.',
  'registry-denied':
    'Grant the right that is missing. On GHCR: `permissions: packages: write` in the job, and the repository must have write access in the settings of the package. On Quay: write permission of the robot account.',
  'registry-not-found':
    'Check the spelling of the repository and the tag. Registries answer the same for a private image that the credentials may not see.',
  'commit-unbuilt':
    'A release takes the image that the commit got when it was pushed to the default branch. Tag a commit that the message names, or wait until the run for this one has ended and start the job again.',
  'registry-quota':
    'Make room, for instance with the prune action, or have the quota of the account or project raised. Nothing was tagged.',
  'registry-rate-limited':
    'Wait, or log in: anonymous pulls have the lowest limits. For images of Docker Hub in a build, write `mirror: mirror.gcr.io`. The action had already waited as long as the registry asked, several times.',
  'registry-unavailable': 'Look at the status page of the registry and run again later. Nothing was tagged.',
  'registry-protocol':
    'Something between the runner and the registry answers in its place, often a login page of a proxy. Open the URL of the message from the same network.',
  'registry-rejected':
    'The message has the reason that the registry gave. Some registries refuse media types or sizes that others take.',
  'registry-delete-disabled':
    'Turn deletion on where the registry is run; on distribution it is `storage: delete: enabled: true`. Nothing was deleted.',
  'tag-immutable': 'Choose another tag, or change the immutability rule of the registry. The tag was left alone.',
  'tag-taken':
    'A version is published once. Release the next version, or remove the tag by hand if it was published by mistake.',
  'tag-moved': 'Run again, and let only one workflow write this tag: something else wrote it at the same moment.',
  'limit-exceeded':
    'Make the image smaller, or raise the limit in the `limits` section of the policy file on the default branch.',
  'credentials-invalid':
    'Correct the entry that the message names. Entries of `registry-auth` have `registry`, `username` and `password`; a credential helper must be on the `PATH` of the runner.',
  'tool-unsupported': 'Use a runner with Linux on amd64 or arm64, or put the tool on the machine and name its path.',
  'tool-hash-mismatch':
    'The file was deleted. Run again; when it stays, the download or the tool cache of the runner has been tampered with or is broken: do not work around it.',
  'tool-download-failed':
    'Allow the URL of the message in the firewall or proxy, or put the tool on the machine and name its path.',
  'tool-missing': 'Install the tool that the message names on the runner.',
  'tool-failed': 'The message has the last lines of the tool; the whole output is in the log of the step above.',
  'tool-timeout': 'Look in the log for what the tool waited for, most often the network. Run again with debug logging.',
  'tool-output-invalid':
    'Report it with the name and the version of the tool, both of which are in the message: the format has changed.',
  cancelled: 'Nothing: somebody or a newer run cancelled this one. Running it again is safe.',
  'disk-full':
    'Free space before the step, use a larger runner, or build fewer platforms in one job. The unfinished layout is not used.',
  'file-unreadable': 'Check the path; it is relative to the workspace. Check that `actions/checkout` runs before.',
  'oidc-unavailable':
    'Add `permissions: id-token: write` to the job, and in a reusable workflow also to the job that calls it. Pull requests from forks never get a token.',
  'oidc-failed': 'Run again; when it stays, look at the status page of GitHub Actions. No signature was made.',
  'policy-invalid':
    'Correct the line and column that the message names. Unknown keys are errors, so check the spelling.',
  'policy-unreadable':
    'Add `permissions: contents: read` to the job. "Could not read" is never taken as "there is none".',
  'build-failed':
    'The message names the line of the Dockerfile; the output of the step that failed is in the log above.',
  'smoke-failed':
    'What the program wrote is in the log above. Correct the image, or what its test expects. Nothing was uploaded.',
  'smoke-timeout':
    'Give the program arguments with which it ends by itself, such as `--version`, or more time with `timeout:` in the test.',
  'smoke-not-started':
    'Check that the program of ENTRYPOINT or of the test is in the image, may be executed by its user, and that its interpreter and libraries are there too.',
  'smoke-incomplete':
    'Run the test where the platform is at home: build it as a shard on a native runner. Or install QEMU (`docker/setup-qemu-action`), or limit `platforms` of the test to those that the builder can run.',
  'compose-invalid':
    'Run `docker compose -f FILE config` with the variables of the step; the message is what docker compose says.',
  'compose-mismatch':
    'Name one of the tags that this run writes, by a variable such as `${TAG}` that the step sets under `env:`, or give the service `build:` with the same context and Dockerfile.',
  'shard-missing':
    'Look at the job of the matrix that builds the platform in the message. Pass the digests of all jobs to the one that merges.',
  'shard-duplicate': 'Give each platform to one job of the matrix.',
  'shard-unexpected': 'Give the merging job the same `platforms` as the jobs of the matrix have together.',
  'shard-mismatch':
    'Merge only digests of this workflow run. A re-run of one job builds the same commit, so its digest fits.',
  'builder-missing':
    'Set up a builder that can make every platform you ask for, for example with `docker/setup-buildx-action` and, for foreign processors, `docker/setup-qemu-action`.',
  'scan-failed':
    'Update what the findings name. When a finding does not apply, add a suppression with a reason and an expiry date to the policy file on the default branch.',
  'scan-error': 'Look in the log for what broke. Nothing is published without a verdict.',
  'scan-incomplete':
    'The message says what was not covered, such as a platform or a lockfile. Nothing is published on half a scan.',
  'sarif-rejected':
    'The message has the reason GitHub gives. The scan itself is not touched; its SARIF file is kept, and `upload-sarif: false` leaves the upload out.',
  'intent-missing':
    'Run `build` with `push: true` in the same workflow run and pass its `digest`, or name the tags with `promote`. `tag-now: true` leaves no intent behind.',
  'verdict-missing': 'Run `scan` before this step and pass its `verdict` output.',
  'verdict-mismatch': 'Pass the verdict of the run that scanned this very digest, all platforms of it, or scan again.',
  'verdict-policy':
    'Scan again under the policy that is in force, or correct `policy-digest`. The message names both digests.',
  'verdict-secrets':
    'Scan the files of the artifact as `source`, with trivy switched on. For what is no image, no secret in it is all that a scan can say.',
  'verdict-not-pass':
    'Resolve what the scan found; an image that did not pass is not signed, unless the policy (`sign: exceptions:`) or `verify-vuln: false` with an `exception-reason` allows it; then the exception is attested, and `verify` shows it.',
  'sign-failed':
    'The message has the last lines of the signing tool. When the Sigstore services are down, run again later; what was already signed is recognised.',
  'log-missing':
    'Add a log to the file given as `signing-config`, or write `transparency-log: off`; then a timestamp authority alone proves the time, and verifiers have to accept that (`verify: transparency-log: optional`).',
  'log-too-small':
    'Statements of more than 1 MiB need a Rekor of version 2, which is sent a hash only: add one to the file given as `signing-config`. Without that input the public one is used by itself.',
  'timestamp-missing':
    'Add a timestamp authority to the file given as `signing-config`, or write `transparency-log: on`, which publishes repository, workflow and digests for ever.',
  'key-unusable':
    'Check the path or URI of `key`, its password (`COSIGN_PASSWORD`) and the credentials of the key service. Cosign reads its own form of a private key: `cosign generate-key-pair`, or `cosign import-key-pair` for a key that is there already.',
  'attach-lost':
    'Run again: what is already there is recognised. It happens when another program writes the same referrers tag at the same moment.',
  'verify-unsigned': 'Sign the digest first, and check that it is this digest that was signed and not a rebuilt one.',
  'verify-untrusted':
    'Compare the identity of the message with the policy. The identity of a reusable workflow is that of the called workflow, not of the caller.',
  'verify-policy': 'The message names the requirement that was not met: provide that evidence, or change the policy.',
  'verify-unreachable':
    'Check credentials and network, then run again. Evidence that could not be read is not missing evidence.',
  'verify-not-found': 'Check the reference. The image may have been pruned, or the credentials may not see it.',
  'sbom-missing':
    'Ask for the other form (`*.spdx.json` or `*.cdx.json`) or for another platform; the report of the verification lists the evidence that is there.',
  'trust-root': 'Check the file that `trusted-root` names, or let the action fetch the public one.',
  'promote-mismatch':
    'Nothing was tagged. Something between the registries changes content; compare both digests with another client.',
  'pull-denied':
    'Make the repository public at the address that the hint names; new packages of GHCR and repositories of Quay are private. The image is promoted, so nothing has to be done again.',
  'version-mismatch':
    'Correct the line that the message names and release that commit, or release the version that the files say. Nothing was copied or tagged.',
  'history-unknown':
    'Name the digest to go back to in place of `previous`; it is verified like any other. Find out who attached the record that the message names: anybody who may push to the repository can.',
  'history-empty':
    'Name the digest to go back to in place of `previous`. Only promotions by `channel` or to moving tags leave records.',
  'attestations-denied': 'Give the job `permissions: attestations: write`, or leave `github-attestations` out.',
  'attestations-rejected':
    "The image is signed and its evidence attached; only GitHub's copy is missing. The store takes bundles of the public Sigstore instance and of GitHub's own, and for private repositories it needs GitHub Enterprise Cloud.",
  'github-unreachable': 'Check the network of the runner and the status page of GitHub, then run again.',
  'github-denied':
    'Add the permission that the hint names to the job. Tokens of pull requests from forks can only read.',
  'github-not-found': 'Check owner and name. GitHub answers "not found" also for things that the token may not see.',
  'github-rate-limited': 'Wait until the time in the message, or use a token with its own limit.',
  'github-protocol': 'Run again; when it stays, report it with the message.',
  'package-not-found':
    'Check the name of the package. In its settings, give the repository the role "Admin" under "Manage Actions access".',
  'inventory-incomplete': 'Run again. Nothing is deleted unless every version has been seen.',
  'prune-guard': 'Read the plan. When it is what you want, raise the guard in the retention rules.',
  'prune-restored': 'Run again when no workflow is pushing to the package.',
  'prune-damage':
    'Push the image again, or restore the versions that the journal lists on the package page within 30 days.',
  'prune-drift':
    'Make a new plan: something was pushed or deleted in between. What was not yet deleted was left alone.',
};
