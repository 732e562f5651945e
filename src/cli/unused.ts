import { InputError } from '../core/errors.js';
import { isReduced } from '../explore/reductions/options.js';
import type { CheckArguments } from './check-arguments.js';
import { flag } from './options.js';

const SAMPLING = '--strategy random, pct, urw or portfolio';

const isSampled = ({ strategy }: CheckArguments): boolean => !isByState(strategy);

const isByState = (strategy: CheckArguments['strategy']): boolean =>
  strategy === 'exhaustive' || strategy === 'contexts';

const isUnreduced = ({ strategy, reduce }: CheckArguments): boolean =>
  strategy === 'exhaustive' && !(reduce && isReduced(reduce));

/** Which searches look at an option, and what is said where this one does not. */
interface Use {
  readonly option: keyof CheckArguments;
  readonly isUsed: (args: CheckArguments) => boolean;
  readonly text: (args: CheckArguments) => string;
}

/** Options of which other searches would take no notice. */
const USES: readonly Use[] = [
  {
    option: 'maxDepth',
    isUsed: isUnreduced,
    text: () => '--max-depth bounds an exhaustive search without reductions',
  },
  {
    option: 'hashCompact',
    isUsed: isUnreduced,
    text: () => '--hash-compact is for an exhaustive search without reductions',
  },
  {
    option: 'signatureBits',
    isUsed: ({ hashCompact }) => hashCompact === true,
    text: () => '--signature-bits needs --hash-compact',
  },
  {
    option: 'checkpoint',
    isUsed: ({ hashCompact }) => !hashCompact,
    text: () => '--hash-compact keeps no states that a --checkpoint could save',
  },
  {
    option: 'checkpointEvery',
    isUsed: ({ checkpoint }) => checkpoint !== undefined,
    text: () => '--checkpoint-every needs --checkpoint FOLDER',
  },
  ...(['maxStates', 'maxTime', 'maxMemory'] as const).map((option): Use => ({
    option,
    isUsed: ({ strategy }) => isByState(strategy),
    text: ({ strategy }) => `--runs bounds --strategy ${strategy}, not ${flag(option)}`,
  })),
  nothing('reduce', ({ strategy }) => strategy === 'exhaustive', '--strategy exhaustive'),
  nothing('maxPreemptions', ({ strategy }) => strategy === 'contexts', '--strategy contexts'),
  nothing('runs', isSampled, SAMPLING),
  nothing('depth', ({ strategy }) => strategy === 'pct', '--strategy pct'),
  nothing(
    'seed',
    (args) => isSampled(args) || args.hashCompact === true,
    `${SAMPLING}, or --hash-compact`,
  ),
];

function nothing(option: Use['option'], isUsed: Use['isUsed'], expected: string): Use {
  return {
    option,
    isUsed,
    text: ({ strategy }) =>
      `${flag(option)} does nothing with --strategy ${strategy}; expected ${expected}`,
  };
}

/**
 * @param isGiven has somebody typed it? Others may have a value, their default.
 * @throws InputError for an option that would do nothing
 */
export function refuseUnused(
  args: CheckArguments,
  isGiven: (option: keyof CheckArguments) => boolean,
): void {
  for (const { option, isUsed, text } of USES)
    if (isGiven(option) && !isUsed(args)) throw new InputError(text(args));
}
