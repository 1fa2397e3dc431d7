/**
 * The generator's program (BuildKit, docs/attestations/sbom-protocol.md): one in-toto statement with an
 * SPDX document for the image, and one for each further target.
 */
export const ENTRYPOINT = `#!/bin/sh
set -eu
export HOME=/tmp SYFT_CHECK_FOR_APP_UPDATE=false
scan() {
  name=$(basename "$1")
  syft scan --quiet --override-default-catalogers image --base-path "$1" --source-name "$name" \\
    --output spdx-json=/tmp/document.json "dir:$1"
  {
    printf '{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","predicate":'
    cat /tmp/document.json
    printf '}'
  } >"$BUILDKIT_SCAN_DESTINATION/$name.spdx.json"
}
scan "$BUILDKIT_SCAN_SOURCE"
if [ -d "\${BUILDKIT_SCAN_SOURCE_EXTRAS:-}" ]; then
  for extra in "$BUILDKIT_SCAN_SOURCE_EXTRAS"/*; do scan "$extra"; done
fi
`;
