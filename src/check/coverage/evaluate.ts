import { join } from 'node:path';
import type {
  ArrowFunctionExpression,
  Expression,
  Function as FunctionNode,
  Node,
  Statement,
} from '@babel/types';
import { packageRoot } from '../../root.js';
import { moduleAt, type Binding, type Module } from './modules.js';
import {
  either,
  partsOf,
  plain,
  truth,
  UNKNOWN,
  type Env,
  type FunctionValue,
  type Plain,
  type Primitive,
  type Value,
} from './values.js';

const PRIMITIVES: readonly string[] = ['step', 'test', 'choose', 'call', 'again'];
const FLOW = join(packageRoot, 'src', 'core', 'flow.ts');
const DEEPEST = 40;

/** Where an expression stands: its module, the variables around it. */
export interface Place {
  readonly module: Module;
  readonly env: Env;
  /** What is known of the kernel's fields, for flows that are given one. */
  readonly kernel: ReadonlyMap<string, Value>;
  readonly depth: number;
}

/** The value of an exported name, as far as it can be told. */
export function exportedValue(module: Module, name: string, kernel: Place['kernel']): Value {
  const binding = module.exports.get(name);
  const place = { module, env: new Map(), kernel, depth: 0 };
  return binding ? bound(binding, name, place) : UNKNOWN;
}

/** The value of an expression in which nothing is yielded or assigned. */
export function evaluate(node: Node | null | undefined, at: Place): Value {
  switch (node?.type) {
    case 'NumericLiteral':
    case 'StringLiteral':
    case 'BooleanLiteral':
      return plain(node.value);
    case 'Identifier':
      return node.name === 'undefined' ? plain(undefined) : lookUp(node.name, at);
    case 'TemplateLiteral':
      return {
        kind: 'text',
        parts: node.quasis.flatMap((q, i) => [
          ...(i > 0 ? partsOf(evaluate(node.expressions[i - 1], at)) : []),
          q.value.cooked ?? '',
        ]),
      };
    case 'UnaryExpression':
      return unary(node.operator, evaluate(node.argument, at));
    case 'BinaryExpression':
      return binary(node.operator, evaluate(node.left, at), evaluate(node.right, at));
    case 'LogicalExpression':
      return logical(node.operator, evaluate(node.left, at), () => evaluate(node.right, at));
    case 'ConditionalExpression': {
      const chosen = truth(evaluate(node.test, at));
      if (chosen !== undefined) return evaluate(chosen ? node.consequent : node.alternate, at);
      return either(evaluate(node.consequent, at), evaluate(node.alternate, at));
    }
    case 'MemberExpression':
    case 'OptionalMemberExpression': {
      const name = node.computed ? undefined : (node.property as { name?: string }).name;
      return name === undefined ? UNKNOWN : member(evaluate(node.object, at), name, at);
    }
    case 'ObjectExpression':
      return record(node.properties, at);
    case 'ArrayExpression':
      return { kind: 'list', items: node.elements.map((e) => evaluate(e, at)) };
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return { kind: 'function', node, module: at.module, env: at.env };
    case 'CallExpression':
      return called(node.callee, node.arguments, at);
    // It has what it stands before.
    case 'NewExpression':
      return isNamed(node.callee, 'Proxy') ? evaluate(node.arguments[0], at) : UNKNOWN;
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'ParenthesizedExpression':
      return evaluate(node.expression, at);
    default:
      return UNKNOWN;
  }
}

/** The variables of a function that is given these arguments. */
export function parameters(
  fn: FunctionValue,
  args: readonly Value[],
  kernel: Place['kernel'],
): Env {
  const env = new Map(fn.env);
  const at: Place = { module: fn.module, env, kernel, depth: 0 };
  fn.node.params.forEach((param, i) => {
    if (param.type === 'Identifier') env.set(param.name, args[i] ?? plain(undefined));
    else if (param.type === 'AssignmentPattern' && param.left.type === 'Identifier')
      env.set(param.left.name, args[i] ?? evaluate(param.right, at));
  });
  return env;
}

function lookUp(name: string, at: Place): Value {
  const local = at.env.get(name);
  if (local) return local;
  const binding = at.module.bindings.get(name);
  return binding ? bound(binding, name, at) : UNKNOWN;
}

const known = new WeakMap<Binding, Value>();

/** What a name of a module stands for: the same for everybody. */
function bound(binding: Binding, name: string, at: Place): Value {
  let value = known.get(binding);
  if (!value) known.set(binding, (value = resolved(binding, name, at)));
  return value;
}

/** Follows a name through all modules that pass it on. */
function resolved(binding: Binding, name: string, at: Place): Value {
  if (at.depth > DEEPEST) return UNKNOWN;
  const outside: Place = { ...at, env: new Map(), depth: at.depth + 1 };
  if (binding.kind === 'function') {
    if (at.module.path === FLOW && PRIMITIVES.includes(name))
      return { kind: 'primitive', name: name as Primitive };
    return { kind: 'function', node: binding.node, module: at.module, env: new Map() };
  }
  if (binding.kind === 'expression' || binding.kind === 'field') {
    const value =
      binding.kind === 'field'
        ? member(evaluate(binding.of, outside), binding.name, outside)
        : evaluate(binding.node, outside);
    return value.kind === 'plain' && typeof value.value === 'number' ? { ...value, name } : value;
  }
  const module = moduleAt(binding.from);
  if (!module) return UNKNOWN;
  if (binding.kind === 'namespace') {
    const fields = new Map<string, Value>();
    for (const [n, b] of module.exports) fields.set(n, bound(b, n, { ...outside, module }));
    return { kind: 'record', fields };
  }
  const next = module.exports.get(binding.name);
  return next ? bound(next, binding.name, { ...outside, module }) : UNKNOWN;
}

function member(object: Value, name: string, at: Place): Value {
  if (object.kind === 'kernel') return at.kernel.get(name) ?? { kind: 'method', name };
  if (object.kind === 'record') return object.fields.get(name) ?? UNKNOWN;
  if (object.kind === 'plain' && object.value === undefined) return plain(undefined);
  return UNKNOWN;
}

function record(
  properties: readonly Extract<Expression, { type: 'ObjectExpression' }>['properties'][number][],
  at: Place,
): Value {
  const fields = new Map<string, Value>();
  for (const p of properties) {
    if (p.type === 'SpreadElement') {
      const more = evaluate(p.argument, at);
      if (more.kind === 'record') for (const [name, value] of more.fields) fields.set(name, value);
      continue;
    }
    const key = p.key as { name?: string; value?: unknown };
    const name = key.name ?? String(key.value);
    fields.set(
      name,
      p.type === 'ObjectMethod'
        ? { kind: 'function', node: p, module: at.module, env: at.env }
        : evaluate(p.value, at),
    );
  }
  return { kind: 'record', fields };
}

function called(callee: Node, args: readonly Node[], at: Place): Value {
  if (callee.type === 'MemberExpression' && !callee.computed) {
    const method = (callee.property as { name?: string }).name;
    // These give back what they are given, or part of it.
    if (isNamed(callee.object, 'Object') && method === 'assign') return evaluate(args[0], at);
    if (method === 'slice') return evaluate(callee.object, at);
    if (method === 'find') return foundIn(evaluate(callee.object, at), evaluate(args[0], at), at);
  }
  const fn = evaluate(callee, at);
  const values = args.map((a) => evaluate(a, at));
  if (fn.kind === 'primitive') return request(fn.name, values);
  if (fn.kind === 'method')
    return { kind: 'request', of: 'call', label: plain(fn.name), options: [] };
  if (fn.kind !== 'function') return UNKNOWN;
  return fn.node.generator ? { kind: 'helper', fn, args: values } : result(fn, values, at);
}

const isNamed = (node: Node, name: string): boolean =>
  node.type === 'Identifier' && node.name === name;

function request(of: Primitive, args: readonly Value[]): Value {
  const options = of === 'choose' && args[1]?.kind === 'list' ? args[1].items.map(nameIn) : [];
  const label = of === 'again' ? plain(of) : (args[0] ?? UNKNOWN);
  return { kind: 'request', of, label, options };
}

function nameIn(option: Value): string {
  const name = option.kind === 'record' ? option.fields.get('name') : undefined;
  return name?.kind === 'plain' ? String(name.value) : '?';
}

/** What an ordinary function returns: one expression, after constants. */
function result(fn: FunctionValue, args: readonly Value[], at: Place): Value {
  if (at.depth > DEEPEST) return UNKNOWN;
  const env = new Map(parameters(fn, args, at.kernel));
  const inside: Place = { module: fn.module, env, kernel: at.kernel, depth: at.depth + 1 };
  const body = bodyOf(fn.node);
  if (body.type !== 'BlockStatement') return evaluate(body, inside);
  for (const statement of body.body) {
    if (statement.type === 'ReturnStatement') return evaluate(statement.argument, inside);
    if (isGuard(statement)) continue;
    if (statement.type !== 'VariableDeclaration') return UNKNOWN;
    for (const { id, init } of statement.declarations)
      if (id.type === 'Identifier') env.set(id.name, evaluate(init, inside));
  }
  return UNKNOWN;
}

/** Does it throw, or nothing at all? Nothing is thrown in what has run. */
function isGuard(statement: Statement): boolean {
  if (statement.type === 'IfStatement')
    return !statement.alternate && isGuard(statement.consequent);
  return statement.type === 'ThrowStatement';
}

/** The first item of which a predicate is known to be true. */
function foundIn(list: Value, predicate: Value, at: Place): Value {
  if (list.kind !== 'list' || predicate.kind !== 'function') return UNKNOWN;
  return list.items.find((item) => truth(result(predicate, [item], at)) === true) ?? UNKNOWN;
}

const bodyOf = (node: FunctionNode): ArrowFunctionExpression['body'] => node.body;

function unary(operator: string, value: Value): Value {
  if (operator === '!') {
    const known = truth(value);
    return known === undefined ? UNKNOWN : plain(!known);
  }
  if (value.kind !== 'plain') return UNKNOWN;
  if (operator === '-') {
    const negative: Plain = { kind: 'plain', value: -Number(value.value) };
    return value.name ? { ...negative, name: `-${value.name}` } : negative;
  }
  return operator === '~' ? plain(~Number(value.value)) : UNKNOWN;
}

function binary(operator: string, left: Value, right: Value): Value {
  if (left.kind !== 'plain' || right.kind !== 'plain') return UNKNOWN;
  const [a, b] = [left.value, right.value];
  if (operator === '===') return plain(a === b);
  if (operator === '!==') return plain(a !== b);
  if (typeof a !== 'number' || typeof b !== 'number') return UNKNOWN;
  const compute = NUMERIC[operator];
  return compute ? plain(compute(a, b)) : UNKNOWN;
}

const NUMERIC: Readonly<Record<string, (a: number, b: number) => number | boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '>>': (a, b) => a >> b,
  '<<': (a, b) => a << b,
};

function logical(operator: string, left: Value, right: () => Value): Value {
  if (operator === '??') {
    if (left.kind === 'unknown') return UNKNOWN;
    return left.kind === 'plain' && left.value === undefined ? right() : left;
  }
  const known = truth(left);
  if (known === undefined) {
    // `unknown && false` is false all the same.
    const other = truth(right());
    return other === (operator === '||') ? plain(other) : UNKNOWN;
  }
  return known === (operator === '&&') ? right() : left;
}
