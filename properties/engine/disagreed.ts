import type { Program } from './programs.js';

const plain = {
  budget: 0,
  bad: [0, 0],
  condition: { quantifier: 'exists', of: 'cell', value: 0 },
} as const;

/**
 * Random programs, shrunk, on which the engine and the plain explorer once
 * disagreed, or on which the engine failed. All of them are asked again by
 * every test that compares the two.
 */
export const disagreed: Record<string, Program> = {
  'a claimed twin that has no step to correspond': {
    ...plain,
    functions: [
      [{ k: 'if', value: 0, yes: [], no: [] }],
      [{ k: 'with', lock: 0, shared: false, body: [] }],
      [],
    ],
    actors: [[0], [1]],
  },
  'a claimed twin that gives up a lock it never took': {
    ...plain,
    functions: [
      [{ k: 'if', value: 0, yes: [], no: [] }],
      [{ k: 'with', lock: 0, shared: false, body: [] }],
      [
        { k: 'try', lock: 1, body: [] },
        { k: 'with', lock: 0, shared: false, body: [] },
      ],
    ],
    actors: [[2], [1]],
  },
  'a twin whose moves nobody has seen but as images of the other one': {
    ...plain,
    bad: [0, 1],
    functions: [
      [
        { k: 'store', cell: 0 },
        { k: 'set', cell: 0, value: 1 },
        {
          k: 'try',
          lock: 0,
          body: [
            { k: 'choose', costs: [0, 0] },
            { k: 'store', cell: 1 },
            { k: 'with', lock: 0, shared: false, body: [] },
          ],
        },
      ],
      [],
      [],
    ],
    actors: [[0], [0]],
  },
  'a claimed twin whose image is blocked where the other one has gone on': {
    ...plain,
    functions: [
      [{ k: 'if', value: 0, yes: [{ k: 'choose', costs: [0, 0, 0] }], no: [] }, { k: 'advance' }],
      [{ k: 'store', cell: 0 }],
      [{ k: 'choose', costs: [0, 1, 0] }],
    ],
    actors: [[0], [2]],
    condition: { quantifier: 'exists', of: 'result', value: 0 },
  },
  'a claimed twin that drops a reference nobody holds': {
    ...plain,
    functions: [[{ k: 'hold' }, { k: 'advance' }], [{ k: 'bump', cell: 0 }], []],
    actors: [[1], [0]],
  },
};

/** As fast-check takes examples. */
export const examples: [Program][] = Object.values(disagreed).map((p) => [p]);
