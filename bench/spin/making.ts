import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import type { SpinCase } from './cases.js';
import type { Verifiers } from './compare.js';
import { Verifier, type Making } from './spin.js';
import type { Tools } from './tools.js';

/** The verifiers of many cases, made before anything is measured. */
export class Workshop {
  private readonly made: Verifier[] = [];
  private readonly of = new Map<string, Verifiers>();

  verifiers(subject: SpinCase): Verifiers | undefined {
    return this.of.get(subject.name);
  }

  /** Makes them, as many at once as there are processors. @throws InputError */
  async make(
    tools: Tools,
    cases: readonly SpinCase[],
    onMade: (done: number) => void,
    making: Pick<Making, 'optimization'> = {},
  ): Promise<void> {
    const limit = pLimit(availableParallelism());
    const make = (subject: SpinCase, reduction: 'reduced' | 'unreduced'): Promise<Verifier> =>
      limit(async () => {
        const verifier = await Verifier.make(tools, subject, { ...making, reduction });
        onMade(this.made.push(verifier));
        return verifier;
      });
    const all = cases.map(async (subject) => {
      const [reduced, unreduced] = await Promise.all([
        make(subject, 'reduced'),
        subject.states === undefined ? undefined : make(subject, 'unreduced'),
      ]);
      this.of.set(subject.name, { reduced, unreduced });
    });
    const failed = (await Promise.allSettled(all)).find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async remove(): Promise<void> {
    await Promise.all(this.made.map((verifier) => verifier.remove()));
  }
}
