import { childrenCpu } from '../children-cpu.ts';
import { type Figure, median } from '../figure.ts';
import { interleave } from '../harness.ts';
import type { LatencyProxy } from '../promote/latency-proxy.ts';

const ROUNDS = 5;

export interface Contest {
  /** What is done, such as `two platforms, everything cached`. */
  readonly name: string;
  /** What ours is compared with. */
  readonly peerName: string;
  /** What ours divided by the peer's may take at most. */
  readonly ratioLimit: number;
  /** Not timed. */
  readonly before?: () => Promise<unknown>;
  /** Resolves with milliseconds. */
  readonly ours: () => Promise<number>;
  readonly peer: () => Promise<number>;
}

/** Both in turn, round after round: the time, which counts, and the requests and the processor time behind it. */
export async function contest(proxy: LatencyProxy, given: Contest): Promise<Figure[]> {
  const seen = { ours: new Seen(), peer: new Seen() };
  const contender = (who: 'ours' | 'peer') => async () => {
    await given.before?.();
    proxy.reset();
    const before = childrenCpu();
    const milliseconds = await given[who]();
    seen[who].note(proxy.requests.length, childrenCpu() - before);
    return milliseconds;
  };
  const { ours, peer } = await interleave({ ours: contender('ours'), peer: contender('peer') }, ROUNDS);
  const name = given.peerName;
  const figure = (what: string, unit: Figure['unit'], key: 'requests' | 'cpu'): Figure => ({
    bench: 'build',
    figure: `${given.name}: ${what}`,
    unit,
    ours: seen.ours[key],
    peer: { name, value: seen.peer[key] },
  });
  return [
    { bench: 'build', figure: given.name, unit: 'ms', ours, peer: { name, value: peer }, ratioLimit: given.ratioLimit },
    figure('requests to the registry', 'requests', 'requests'),
    figure('processor time beside the builder', 'ms', 'cpu'),
  ];
}

class Seen {
  readonly #requests: number[] = [];
  readonly #cpu: number[] = [];

  note(requests: number, cpu: number): void {
    this.#requests.push(requests);
    this.#cpu.push(cpu);
  }

  get requests(): number {
    return median(this.#requests);
  }

  get cpu(): number {
    return median(this.#cpu);
  }
}
