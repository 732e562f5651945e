import { parse } from '@babel/parser';
import type { CallExpression, Expression, Node, V8IntrinsicIdentifier } from '@babel/types';
import * as locks from '../../models/flows/locks.js';
import type { Protocol } from '../../models/protocol.js';
import { InputError } from '../core/errors.js';
import { childrenOf } from './coverage/syntax.js';

/** What makes a step, of what a variant imports. */
const STEPS: readonly string[] = ['step', 'test', 'choose', 'again'];

/** Where a flow is used as if it were what comes of it, or not at all. */
const USES: readonly string[] = [
  'AssignmentExpression',
  'BinaryExpression',
  'DoWhileStatement',
  'ExpressionStatement',
  'IfStatement',
  'LogicalExpression',
  'ReturnStatement',
  'UnaryExpression',
  'VariableDeclarator',
  'WhileStatement',
];

/**
 * Refuses steps and calls of a variant's functions that nobody takes: without yield* they
 * are nothing, and true, and no type says so.
 * @throws InputError with the place
 */
export function refuseUnyielded(text: string, shown: string, { functions }: Protocol): void {
  const { program } = parse(text, { sourceType: 'unambiguous', plugins: ['typescript'] });
  const isFlow = (callee: Expression | V8IntrinsicIdentifier | Node, k: string): boolean => {
    if (callee.type === 'Identifier') return STEPS.includes(callee.name);
    if (callee.type !== 'MemberExpression' || callee.computed) return false;
    const { object, property } = callee as { object: Node; property: Node };
    if (object.type !== 'Identifier' || property.type !== 'Identifier') return false;
    if (object.name === 'locks') return isLock(property.name);
    return object.name === k && Object.hasOwn(functions, property.name);
  };
  const visit = (node: Node, parent: Node, k: string | undefined): void => {
    const inner = 'params' in node && 'body' in node ? kernelOf(node) : k;
    if (node.type === 'CallExpression' && k !== undefined && USES.includes(parent.type))
      if (isFlow(node.callee, k) && !isTakenLater(parent, text)) refuse(node, text, shown);
    for (const child of childrenOf(node)) visit(child, node, inner);
  };
  visit(program, program, undefined);
}

/** What a function* calls its kernel; undefined where it is none. */
function kernelOf(node: object): string | undefined {
  const { generator, params } = node as { generator?: boolean; params?: readonly Node[] };
  const [first] = params ?? [];
  return generator ? (first?.type === 'Identifier' ? first.name : '') : undefined;
}

/** `const wait = step(...)`, and `yield* wait` somewhere. */
const isTakenLater = (parent: Node, text: string): boolean =>
  parent.type === 'VariableDeclarator' &&
  parent.id.type === 'Identifier' &&
  new RegExp(`yield\\s*\\*\\s*${parent.id.name}\\b`).test(text);

/** What is written as the kernel writes it; helpers are not. */
const isLock = (name: string): boolean => name in locks && !/[a-z][A-Z]/.test(name);

function refuse({ loc, callee }: CallExpression, text: string, shown: string): never {
  const name = text.slice(callee.start!, callee.end!);
  const { line, column } = loc!.start;
  throw new InputError(`${shown}:${line}:${column + 1}: ${name}() does nothing without yield*`);
}
