// How every benchmark here measures: warm up, then rounds in turn over all contestants, so that a slow moment of the machine
// hits all alike. A round counts that nine of ten were slower than: what others on the machine take is in those.

/** One thing to time. `run` does the work `n` times and must return something that depends on it. */
export interface Contestant {
  readonly name: string;
  readonly run: (n: number) => unknown;
}

export interface Timing {
  readonly name: string;
  /** Nanoseconds for one, in a round than which a tenth of the rounds were faster. */
  readonly ns: number;
}

/** A place the optimiser cannot see through. */
export const sink: { value: unknown } = { value: null };

function timed(run: (n: number) => unknown, n: number): number {
  const started = process.hrtime.bigint();
  sink.value = run(n);
  return Number(process.hrtime.bigint() - started);
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

const tenth = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 10)] as number;

/** Milliseconds that each contestant runs before it is timed, at least: until then the optimisers are at work. */
const WARM_MS = 100;

/** Times all contestants in turn, `rounds` times of about `roundMs` each. Many short rounds are fairer than a few long ones on a shared machine. */
export function race(contestants: readonly Contestant[], rounds: number, roundMs: number): Timing[] {
  const counts = contestants.map(({ run }) => {
    let n = 1;
    let took = timed(run, n);
    while (took < Math.max(WARM_MS, roundMs) * 1e6 && n < 1 << 28) {
      n *= 2;
      took = timed(run, n);
    }
    return Math.max(1, Math.round((n * roundMs * 1e6) / took));
  });
  const samples = contestants.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    contestants.forEach(({ run }, i) => {
      const n = counts[i] as number;
      samples[i]?.push(timed(run, n) / n);
    });
  }
  return contestants.map(({ name }, i) => ({ name, ns: tenth(samples[i] ?? []) }));
}

/** One line of a bench's result. */
export interface Row {
  readonly bench: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What the issue or the design demands of it, and whether it holds in this run. */
  readonly bar?: string;
  readonly holds?: boolean;
}

export interface BenchOptions {
  readonly quick: boolean;
}
