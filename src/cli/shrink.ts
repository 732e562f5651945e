import { writeFileSync } from 'node:fs';
import { InputError } from '../core/errors.js';
import { preventionOf } from '../shrink/prevent.js';
import { shrink, Undecided, type Shrunk } from '../shrink/shrink.js';
import { subjectOf } from '../shrink/subject.js';
import { isProven, shrunkJson, shrunkText } from '../shrink/text.js';
import { whyOf } from '../shrink/why.js';
import { OK, UNDECIDED, type Out } from './options.js';
import { say } from './say.js';

export interface ShrinkArguments {
  readonly protocol?: string;
  readonly maxStates: number;
  /** Where the litmus file is written to. */
  readonly output?: string;
  /** Try what would prevent it. */
  readonly hints?: boolean;
  readonly flat?: boolean;
  readonly json?: boolean;
}

/** `gmemcheck shrink TOKEN|TEST`. @returns the exit status. @throws InputError */
export async function runShrink(
  what: string,
  args: ShrinkArguments,
  out: Out,
  err: Out,
): Promise<number> {
  const shrunk = await shrunkOr(what, args);
  if (shrunk instanceof Undecided) {
    say(err, `gmemcheck: ${shrunk.message}`);
    return UNDECIDED;
  }
  const why = whyOf(shrunk);
  const prevention = args.hints && why ? preventionOf(shrunk, why) : undefined;
  const explained = { why, prevention };
  out(
    args.json
      ? `${JSON.stringify(shrunkJson(shrunk, explained), null, 2)}\n`
      : shrunkText(shrunk, explained, args.flat),
  );
  if (args.output !== undefined) write(args.output, shrunk.text);
  return isProven(shrunk) ? OK : UNDECIDED;
}

async function shrunkOr(what: string, args: ShrinkArguments): Promise<Shrunk | Undecided> {
  try {
    const { test, asked, found } = await subjectOf(what, args.protocol, args.maxStates);
    return shrink(test, asked, { found });
  } catch (error) {
    if (error instanceof Undecided) return error;
    throw error;
  }
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
