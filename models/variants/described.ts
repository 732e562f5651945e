import { z } from 'zod';
import { InputError } from '../../src/core/index.js';
import { nearest, slip } from '../../src/nearest.js';
import { defaultInvariants, invariants } from '../invariants/index.js';
import { entries } from '../operations.js';
import { protocols } from '../protocols/index.js';
import { KNOWN_MEMORY } from '../state/shape.js';

const word = z
  .string()
  .max(60)
  .regex(/^[A-Za-z0-9][\w.+-]*$/, "expected one word of letters, digits, '.', '_', '+' and '-'");

const line = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'expected one line of text');

const callable = z.custom<unknown>((it) => typeof it === 'function', 'expected a function');

const operation = z.strictObject({
  form: line,
  enters: word,
  outcome: z.array(word).optional(),
  run: callable,
});

const invariant = z.strictObject({
  id: word,
  statement: line,
  source: line,
  byDefault: z.boolean(),
  applies: callable,
  holds: callable,
});

const own = z.strictObject({
  kinds: z.array(word).optional(),
  operations: z.record(z.string().regex(/^[A-Za-z]\w*$/, 'expected a word'), operation).optional(),
  invariants: z.array(invariant).optional(),
  state: callable.optional(),
});

/** What an author writes, who may not have looked at the types. */
const variant = z.strictObject({
  id: word,
  title: line,
  link: line.optional(),
  kinds: z.array(word).min(1).optional(),
  lacks: z.array(word).optional(),
  own: own.optional(),
  adds: z.array(word).optional(),
  functions: callable,
});

/** What a description of a variant has to be. @throws InputError */
export function checkDescription(of: unknown): void {
  const { error } = variant.safeParse(of);
  if (error) throw new InputError(textOf(error.issues[0]!));
  const { id, kinds = [], lacks = [], own = {} } = of as z.infer<typeof variant>;
  if (protocols.some((p) => p.id === id))
    throw new InputError(`'${id}' is the name of a version that is known: give it another id`);
  const operations = Object.keys(entries);
  for (const name of lacks)
    if (!operations.includes(name))
      throw new InputError(`lacks: no operation '${name}'${nearest(name, operations)}`);
  for (const name of Object.keys(own.operations ?? {}))
    if (operations.includes(name))
      throw new InputError(`own.operations: there is an operation '${name}' already`);
  const ids = [...invariants.map((i) => i.id), ...defaultInvariants];
  for (const known of own.invariants ?? [])
    if (ids.includes(known.id))
      throw new InputError(`own.invariants: there is an invariant '${known.id}' already`);
  for (const kind of kinds) {
    const meant = slip(kind, KNOWN_MEMORY);
    if (meant !== undefined && meant !== kind)
      throw new InputError(`kinds: no kind of memory '${kind}'; did you mean '${meant}'?`);
  }
}

/** What is wrong first. */
function textOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.');
  const where = path ? `${path}: ` : 'variant(): ';
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return `${where}there is no '${key}'${nearest(key, Object.keys(path ? own.shape : variant.shape))}`;
  }
  const text = issue.message.replace(/^Invalid input: /, '').replace(/undefined$/, 'nothing');
  return `${where}${text}`;
}
