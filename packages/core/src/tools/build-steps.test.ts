import { describe, expect, it } from 'vitest';
import { StepCounter } from './build-steps.ts';

function count(progress: string, ...platforms: string[]) {
  const counter = new StepCounter();
  for (const line of progress.trim().split('\n')) counter.see(line);
  return counter.counted(platforms);
}

const SEVERAL = `
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
#3 [linux/arm64 internal] load metadata for docker.io/library/alpine:3
#3 CACHED
#8 [linux/amd64 make 1/3] FROM docker.io/library/alpine:3@sha256:abc
#8 CACHED
#9 [linux/amd64 make 2/3] COPY src /src
#9 CACHED
#10 [linux/amd64->arm64 make 3/3] RUN go build
#10 0.1 #9 CACHED, said the program
#11 [linux/arm64 stage-1 2/3] COPY --from=make /out /app
#10 [linux/amd64->arm64 make 3/3] RUN go build
#10 DONE 4.0s
#11 CACHED
#12 [linux/arm/v7 stage-1 2/2] RUN true
#12 DONE 0.2s
#13 exporting to oci image format
#13 DONE 1.9s
`;

describe('steps of a build', () => {
  it('count for the platform that they make something for, without fetching and exporting', () => {
    expect(count(SEVERAL, 'linux/amd64', 'linux/arm64')).toEqual([
      { platform: 'linux/amd64', cached: 1, total: 1 },
      { platform: 'linux/arm64', cached: 1, total: 2 },
      { platform: 'linux/arm/v7', cached: 0, total: 1 },
    ]);
  });

  it('count for the only platform when the progress names none', () => {
    const progress = '#5 [2/3] COPY a /a\n#5 CACHED\n#6 [make 3/3] RUN make\n#6 DONE 1s';
    expect(count(progress, 'linux/amd64')).toEqual([{ platform: 'linux/amd64', cached: 1, total: 2 }]);
  });

  it('are none where nothing is understood', () => {
    expect(count('=> building', 'linux/amd64')).toEqual([]);
  });
});
