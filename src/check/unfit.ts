import { invariants } from '../../models/invariants/index.js';
import type { LitmusTest } from '../../models/language/index.js';
import type { Protocol } from '../../models/protocol.js';
import type { MemoryKind } from '../../models/state/shape.js';
import { buildWorld } from '../../models/world.js';
import { InputError } from '../core/errors.js';
import type { Position } from '../litmus/ast.js';
import { at } from '../litmus/parse.js';
import { operationText } from '../litmus/print.js';

/**
 * What is built of a test, or why it cannot be, with the place of what the protocol has not got.
 * @throws InputError
 */
export function fitting<T>(test: LitmusTest, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof InputError) || error.message.includes(`${test.file}:`)) throw error;
    const position = positionOf(test, error.message);
    throw new InputError(`${position ? at(test.file, position) : test.file}: ${error.message}`, {
      cause: error,
    });
  }
}

/** @throws InputError where the protocol has not got what the test needs */
export function refuseUnfit(
  test: LitmusTest,
  protocol: Protocol,
  memory: MemoryKind = test.scenario.memory,
): void {
  fitting(test, () =>
    buildWorld({ ...test.scenario, memory }, protocol, invariants, test.condition),
  );
}

/** Of the operation, or the entry of the initial state, that a message has in quotes. */
function positionOf({ litmus }: LitmusTest, message: string): Position | undefined {
  const isQuoted = (text: string): boolean => message.includes(`'${text}'`);
  const operation = litmus.programs
    .flat()
    .find((o) => isQuoted(o.text) || isQuoted(operationText(o)));
  if (operation) return operation.at;
  const isMeant = new RegExp(/ has no memory kind /.test(message) ? '^memory$' : named(message));
  return litmus.initial.find(({ place }) => isMeant.test(place.name))?.place.at;
}

/** `'huge=4' needs ...`, `readonly[s] needs ...` */
const named = (message: string): string => `^${/(\w+)(?:\[\w+\])?[ =]/.exec(message)?.[1]}$`;
