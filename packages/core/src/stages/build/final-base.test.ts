import { expect, it } from 'vitest';
import { finalBase } from './final-base.ts';

const BOTH = ['linux/amd64', 'linux/arm64/v8'];

it.each([
  ['FROM base', {}, 'base'],
  ['# syntax=docker/dockerfile:1\nfrom --platform=$BUILDPLATFORM base as final\nRUN true', {}, 'base'],
  ['FROM golang AS build\nRUN go build\nFROM base\nCOPY --from=build /a /a', {}, 'base'],
  ['FROM base AS one\nFROM one AS two\nFROM two', {}, 'base'],
  ['FROM base AS one\nFROM other AS two', { target: 'one' }, 'base'],
  ['FROM base AS One\nFROM other', { target: 'ONE' }, 'base'],
  ['FROM base\nFROM other', { target: '0' }, 'base'],
  ['FROM base AS x\nFROM x AS x\nFROM x', {}, 'base'],
  ['ARG BASE=base\nFROM ${BASE}', {}, 'base'],
  ['ARG BASE\nFROM $BASE', { buildArgs: { BASE: 'base' } }, 'base'],
  ['ARG BASE=other\nFROM $BASE', { buildArgs: { BASE: 'base' } }, 'base'],
  ['FROM ${BASE:-base}', {}, 'base'],
  ['ARG V=1 B="base"\nFROM \\\n  $B', {}, 'base'],
  ['FROM scratch\nCOPY --from=base / /', {}, 'scratch'],
  ['FROM base', { target: 'nothing' }, undefined],
  ['RUN true', {}, undefined],
  ['FROM base\nRUN psql <<SQL\nSELECT 1\nFROM users\nSQL\n', {}, 'base'],
  ['FROM evil\nCOPY --from=base / /\nRUN cat <<EOF\nFROM base\nEOF\n', {}, 'evil'],
  ['FROM base\nRUN echo <<<x\nFROM other\n', {}, 'other'],
  ['ARG R=x.test\nARG BASE=${R}/base\nFROM "${BASE}"', {}, 'x.test/base'],
  ['FROM base AS for-amd64\nFROM for-${TARGETARCH}', {}, 'base'],
  ['FROM base AS amd64\nFROM other AS arm64\nFROM ${TARGETARCH}', { platforms: BOTH }, undefined],
  ['FROM base AS amd64\nFROM base AS arm64\nFROM $TARGETARCH$TARGETVARIANT', { platforms: BOTH }, 'base'],
  ['FROM base AS armv7\nFROM ${TARGETARCH}${TARGETVARIANT}', { platforms: ['linux/arm'] }, 'base'],
  ['FROM base-${BUILDARCH}', {}, undefined],
  ['FROM base\nFROM 0', {}, '0'],
  ['FROM other AS base\nFROM base', { contexts: ['base'] }, 'base'],
  ['FROM other AS base\nFROM base', {}, 'other'],
] as const)('the base of %j with %j is %s', (dockerfile, use, base) => {
  expect(finalBase(dockerfile, { buildArgs: {}, platforms: ['linux/amd64'], contexts: [], ...use })).toBe(base);
});
