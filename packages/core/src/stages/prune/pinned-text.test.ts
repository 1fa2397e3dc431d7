import { expect, it } from 'vitest';
import { namedVersions } from './pinned-text.ts';

const NAME = 'ghcr.io/acme/app';
const HEX = 'a1'.repeat(32);

function named(text: string): string[] {
  const { digests, tags, unresolved } = namedVersions(text, NAME);
  return [...digests, ...tags, ...unresolved];
}

it.each([
  ['a Kubernetes manifest', `spec:\n  containers:\n    - image: ${NAME}:v1.2.3\n`, ['v1.2.3']],
  ['a pinned image', `image: "${NAME}:v1@sha256:${HEX}"`, [`sha256:${HEX}`, 'v1']],
  ['a digest alone', `digest: sha256:${HEX}`, [`sha256:${HEX}`]],
  ['several documents', `image: ${NAME}:a\n---\nimage: ${NAME}:b\n`, ['a', 'b']],
  ['Helm values', `image:\n  repository: ${NAME}\n  tag: 1.10\n`, ['1.10']],
  ['Helm values with a registry', 'image:\n  registry: ghcr.io\n  repository: acme/app\n  tag: "2.0"\n', ['2.0']],
  ['a kustomization', `images:\n  - name: app\n    newName: ${NAME}\n    newTag: v3\n`, ['v3']],
  ['a kustomization without a new name', `images:\n  - name: ${NAME}\n    newTag: v3\n`, ['v3']],
  ['a compose file with a default', `image: ${NAME}:\${TAG:-v4}\n`, ['v4']],
  ['a compose file without', `image: ${NAME}:\${TAG}\n`, [`${NAME}:\${TAG}`]],
  ['a template', `{{- if .Values.x }}\nimage: ${NAME}:v5\n{{ end }}\nother: {{ .Values.y }}`, ['v5']],
  ['a template for the tag', `image: ${NAME}:{{ .Values.tag }}`, [`${NAME}:{{ .Values.tag }}`]],
  ['JSON', `{"image":"${NAME}:v6"}`, ['v6']],
  ['the end of a sentence', `Run ${NAME}:v7.`, ['v7.']],
  ['a longer name', `image: ${NAME}-worker:v1\nother: ${NAME}/sub:v2\nthird: ${NAME}.x:v3`, []],
  ['a longer host', `image: my.${NAME}:v1`, []],
  ['another registry', 'image: quay.io/acme/app:v1', []],
  ['values of another image', 'image:\n  repository: ghcr.io/acme/other\n  tag: v1\n', []],
  ['a name alone', `image: ${NAME}`, []],
])('reads %s', (_what, text, expected) => {
  expect(named(text).toSorted()).toEqual(expected.toSorted());
});
