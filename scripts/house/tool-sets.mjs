// Which programs the tests and the demo need beside Node.

/** What the actions drive. */
const DRIVEN = /** @type {const} */ (['buildx', 'trivy', 'osv-scanner', 'cosign']);

/** What the loopback world is made of, and syft to make SBOMs in it. */
const WORLD = /** @type {const} */ (['buildkitd', 'registry', 'olareg', 'fulcio', 'timestamp-server', 'rekor', 'syft']);

/** What looks at the result with other eyes. */
const PROOF = /** @type {const} */ (['crane']);

/** What the tests need besides: a runner of whole workflows and their linter. */
const WORKFLOWS = /** @type {const} */ (['act', 'actionlint']);

export const DEMO_TOOLS = [...DRIVEN, ...WORLD, ...PROOF];
export const TEST_TOOLS = [...DEMO_TOOLS, ...WORKFLOWS];
