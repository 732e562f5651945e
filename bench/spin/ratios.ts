import { geometricMean, median } from '../measure.js';
import { agreement, type Compared } from './compare.js';
import { hashBitsFor } from './spin.js';

/** Below this, the start of a process is much of what Spin takes. */
export const COUNTED_SECONDS = 0.1;

export const ourSeconds = ({ ours }: Compared): number =>
  median(ours.reduced.map((run) => run.seconds));

/** NaN without Spin. */
export const spinSeconds = ({ spin }: Compared): number =>
  spin ? median(spin.reduced.map((run) => run.seconds)) : NaN;

/** Spin's time to the verdict in units of ours; none unless both sides agree to the last state. */
export function ratio(compared: Compared): number | undefined {
  const { counts, verdicts } = agreement(compared);
  return counts && verdicts ? spinSeconds(compared) / ourSeconds(compared) : undefined;
}

/** Cases that the targets speak of. */
export const counted = (all: readonly Compared[]): Compared[] =>
  all.filter((c) => ratio(c) !== undefined && spinSeconds(c) >= COUNTED_SECONDS);

/** Families in the order of their first case. */
export function families(all: readonly Compared[]): Map<string, Compared[]> {
  const names = new Set(all.map((c) => c.subject.family.name));
  return new Map([...names].map((n) => [n, all.filter((c) => c.subject.family.name === n)]));
}

/**
 * By what the ratio is multiplied when Spin stores ten times the states: the slope of
 * the straight line through the logarithms, by least squares. NaN for less than two sizes.
 */
export function growth(cases: readonly Compared[]): number {
  const points = cases.map((c) => ({
    x: Math.log10(c.spin!.reduced[0]!.states),
    y: Math.log10(ratio(c)!),
  }));
  const mean = (of: (p: (typeof points)[number]) => number): number =>
    points.reduce((sum, p) => sum + of(p), 0) / points.length;
  const [x, y] = [mean((p) => p.x), mean((p) => p.y)];
  return 10 ** (mean((p) => (p.x - x) * (p.y - y)) / mean((p) => (p.x - x) ** 2));
}

/** Both unreduced searches of a case, where there are both. */
export interface Unreduced {
  readonly compared: Compared;
  /** States a second, and bytes a state. */
  readonly ours: { readonly speed: number; readonly bytes: number };
  readonly spin: { readonly speed: number; readonly bytes: number } | undefined;
}

/** Spin's bytes are those of its states and of the smallest hash table that fits them. */
export function unreduced(all: readonly Compared[]): Unreduced[] {
  return all.flatMap((compared) => {
    const { unreduced: found } = compared.ours;
    const pan = compared.spin?.unreduced;
    if (!found) return [];
    const ours = { speed: found.states / found.seconds, bytes: found.bytes / found.states };
    const spin = pan && {
      speed: pan.states / pan.seconds,
      bytes: (pan.bytes + 8 * 2 ** hashBitsFor(pan.states)) / pan.states,
    };
    return [{ compared, ours, spin }];
  });
}

/** Geometric mean and worst of ratios, with the case that the worst is of. */
export interface Overall {
  readonly mean: number;
  readonly worst: number;
  readonly worstCase: string;
}

export function overall(of: readonly (readonly [name: string, ratio: number])[]): Overall {
  const [worstCase, worst] = of.toSorted((a, b) => a[1] - b[1])[0]!;
  return { mean: geometricMean(of.map((each) => each[1])), worst, worstCase };
}
