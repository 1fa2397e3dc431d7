import { expect, test } from 'vitest';
import { parseDockerfile, stagesBelow } from '../dockerfile/stages.ts';
import { layerOrigins } from './layer-origins.ts';

const DOCKERFILE = `FROM golang AS build
RUN go build -o /app
FROM debian
ARG VERSION
RUN --mount=type=cache,target=/x apt-get update && \\
    apt-get install curl
WORKDIR /srv
COPY --from=build /app /srv/
USER 1
`;

/** Layers are named `1`, `2`, …, with the line that each came from. */
function lines(entries: readonly string[], dockerfile = DOCKERFILE): Record<string, string> {
  const history = entries.map((entry) => ({ created_by: entry.slice(2), empty_layer: entry.startsWith('-') }));
  const layers = history.filter((entry) => !entry.empty_layer).map((_entry, at) => [`digest ${at}`, String(at + 1)]);
  const origins = layerOrigins({ history, layers }, stagesBelow(parseDockerfile(dockerfile).stages), 'Dockerfile');
  return Object.fromEntries(
    [...origins].filter(([name]) => /^\d+$/.test(name)).map(([name, { line }]) => [name, `${line}`]),
  );
}

const OWN = [
  '- ARG VERSION',
  '+ RUN |1 VERSION= /bin/sh -c apt-get update &&     apt-get install curl # buildkit',
  '+ WORKDIR /srv',
  '+ COPY /app /srv/ # buildkit',
  '- USER 1',
];

test("each layer has the line of its instruction, and the base image's layers that of FROM", () => {
  const base = ['+ # debian.sh --arch amd64', '- CMD ["bash"]'];
  expect(lines([...base, ...OWN])).toEqual({ 1: '3', 2: '5', 3: '7', 4: '8' });
});

test('a base image that ends as the Dockerfile begins is no part of it', () => {
  expect(lines(['+ RUN /bin/sh -c apt-get update # buildkit', ...OWN])).toEqual({ 1: '3', 2: '5', 3: '7', 4: '8' });
});

test('another command than the one in the Dockerfile ends the likeness; what is below came with the base', () => {
  const other = OWN.map((entry) => entry.replace('install curl', 'install wget'));
  expect(lines(other)).toEqual({ 1: '3', 2: '7', 3: '8' });
  expect(lines(['+ COPY x y', '+ plimsoll testkit'])).toEqual({ 1: '3', 2: '3' });
});

test('stages of the same file are told apart from the base', () => {
  const file = 'FROM alpine AS base\nRUN apk add curl\nFROM base\nCOPY . /app\n';
  const history = [
    '+ ADD alpine.tar / # buildkit',
    '+ RUN /bin/sh -c apk add curl # buildkit',
    '+ COPY . /app # buildkit',
  ];
  expect(lines(history, file)).toEqual({ 1: '1', 2: '2', 3: '4' });
});

test('history of builders before BuildKit is read as well', () => {
  const history = [
    '+ /bin/sh -c #(nop) ADD file:1 in /',
    '+ /bin/sh -c apk add curl',
    '+ /bin/sh -c #(nop) COPY dir:2 in /a',
  ];
  expect(lines(history, 'FROM alpine\nRUN apk add curl\nCOPY a /a\n')).toEqual({ 1: '1', 2: '2', 3: '3' });
});

test('a history that does not go with the layers says nothing', () => {
  const [stage] = parseDockerfile('FROM x\nCOPY a b\n').stages;
  const layers = [['1'], ['2']];
  expect(
    layerOrigins({ history: [{ created_by: 'COPY a b' }], layers }, stage === undefined ? [] : [stage], 'D').size,
  ).toBe(0);
  expect(layerOrigins({ history: [{}, {}], layers }, [], 'D').size).toBe(0);
});
