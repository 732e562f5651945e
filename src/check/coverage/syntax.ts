import type { Node } from '@babel/types';

/** Names that something in these nodes assigns to. */
export function assignedIn(nodes: readonly (Node | null | undefined)[]): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: Node): void => {
    const target = targetOf(node);
    if (target?.type === 'Identifier') names.add(target.name);
    if (!isFunction(node)) childrenOf(node).forEach(visit);
  };
  for (const node of nodes) if (node) visit(node);
  return names;
}

function targetOf(node: Node): Node | undefined {
  if (node.type === 'AssignmentExpression') return node.left;
  return node.type === 'UpdateExpression' ? node.argument : undefined;
}

const isFunction = (node: Node): boolean =>
  node.type === 'ArrowFunctionExpression' ||
  node.type === 'FunctionExpression' ||
  node.type === 'FunctionDeclaration';

/** Does it yield or assign, apart from what functions in it do when they are called? */
export function isBusy(node: Node): boolean {
  let busy = busyNodes.get(node);
  if (busy === undefined) {
    busy =
      node.type === 'YieldExpression' ||
      targetOf(node) !== undefined ||
      (!isFunction(node) && childrenOf(node).some(isBusy));
    busyNodes.set(node, busy);
  }
  return busy;
}
const busyNodes = new WeakMap<Node, boolean>();

/** The parts of an expression that yield or assign, in order. */
export const busyParts = (node: Node): readonly Node[] => childrenOf(node).filter(isBusy);

/** The variable that keeps the value of a part while the whole is evaluated. */
export const nameOfPart = (part: Node): string => `value at ${part.start}`;

/** The expression with its busy parts replaced by their values' names. */
export function withoutParts(node: Node): Node {
  let calm = calmNodes.get(node);
  if (!calm) calmNodes.set(node, (calm = copyWithNames(node)));
  return calm;
}
const calmNodes = new WeakMap<Node, Node>();

function copyWithNames(node: Node): Node {
  const copy: Record<string, unknown> = { ...node };
  for (const [key, field] of Object.entries(copy))
    copy[key] = Array.isArray(field) ? field.map(named) : named(field);
  return copy as unknown as Node;
}

const named = (part: unknown): unknown =>
  isNode(part) && isBusy(part) ? { type: 'Identifier', name: nameOfPart(part) } : part;

export function childrenOf(node: Node): readonly Node[] {
  let children = childNodes.get(node);
  if (!children) {
    children = Object.values(node)
      .flatMap((field) => (Array.isArray(field) ? (field as unknown[]) : [field]))
      .filter(isNode);
    childNodes.set(node, children);
  }
  return children;
}
const childNodes = new WeakMap<Node, readonly Node[]>();

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
