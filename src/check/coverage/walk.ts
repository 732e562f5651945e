import type { Node, Statement } from '@babel/types';
import { evaluate, parameters, type Place } from './evaluate.js';
import { fits, returns, valueOf } from './fits.js';
import { NotFollowed, returnSite, type Found, type Visitor } from './found.js';
import type { Seen } from './seen.js';
import { assignedIn, busyParts, isBusy, nameOfPart, withoutParts } from './syntax.js';
import {
  each,
  partsOf,
  plain,
  UNKNOWN,
  type Env,
  type FunctionValue,
  type Request,
  type Value,
} from './values.js';
import { bind, merge, split, unseen, type Way } from './ways.js';

/** Where ways go that do not simply go on. */
interface Exits {
  readonly returns: Way[];
  readonly breaks: Way[];
  readonly continues: Way[];
}

const DEEPEST = 16;

/** Sends the ghost through a function, to every place that anybody may come to. */
export function walkAll(fn: FunctionValue, kernel: Place['kernel'], visitor: Visitor): void {
  const args = fn.node.params.slice(1).map(() => UNKNOWN);
  walk(fn, kernel, undefined, args, visitor);
}

/**
 * Follows a frame through the source of its function, all that came of it at
 * once: at each step those stay that asked for it, and go on with what they were
 * given. What the source leaves open (a condition on memory) is followed both
 * ways; a way that the frame did not take ends at its next step. So a frame may
 * be taken to have been at two places where one stands for both, but no place
 * that it was at is missed.
 */
export function walk(
  fn: FunctionValue,
  kernel: Place['kernel'],
  at: Seen | undefined,
  args: readonly Value[],
  visitor: Visitor,
): void {
  const env = parameters(fn, [{ kind: 'kernel' }, ...args], kernel);
  new Walker(kernel, visitor).wholeFunction(fn, [{ at, env, value: UNKNOWN }]);
}

class Walker {
  private readonly trail: string[] = [];
  private exits: Exits = { returns: [], breaks: [], continues: [] };
  private fn!: FunctionValue;

  constructor(
    private readonly kernel: Place['kernel'],
    private readonly visitor: Visitor,
  ) {}

  wholeFunction(fn: FunctionValue, ways: readonly Way[]): void {
    for (const way of this.body(fn, ways)) this.returned(way);
  }

  /** A function or a helper; each way ends with what it returns. */
  private body(fn: FunctionValue, ways: readonly Way[]): Way[] {
    const [outer, exits] = [this.fn, this.exits];
    this.fn = fn;
    this.exits = { returns: [], breaks: [], continues: [] };
    const { body } = fn.node;
    const ended =
      body.type === 'BlockStatement'
        ? this.statements(body.body, ways).map((w) => ({ ...w, value: plain(undefined) }))
        : this.expression(body, ways);
    const all = [...this.exits.returns, ...ended];
    [this.fn, this.exits] = [outer, exits];
    return all;
  }

  /** The end of the frame itself. */
  private returned(way: Way): void {
    for (const value of each(way.value)) {
      const site = returnSite(value);
      if (!way.at || returns(way.at, value)) this.visitor(site, way.at);
    }
  }

  private statements(list: readonly Statement[], ways: readonly Way[]): Way[] {
    return list.reduce<Way[]>((now, s) => merge(this.statement(s, now)), merge(ways));
  }

  private statement(node: Statement, ways: readonly Way[]): Way[] {
    if (ways.length === 0) return [];
    switch (node.type) {
      case 'BlockStatement':
        return this.statements(node.body, ways);
      case 'ExpressionStatement':
        return this.expression(node.expression, ways);
      case 'VariableDeclaration':
        return node.declarations.reduce<Way[]>(
          (now, d) => this.expression(d.init, now).map((w) => bind(d.id, w)),
          [...ways],
        );
      case 'IfStatement': {
        const [yes, no] = split(this.expression(node.test, ways));
        const other = node.alternate ? this.statement(node.alternate, no) : no;
        return merge([...this.statement(node.consequent, yes), ...other]);
      }
      case 'ReturnStatement':
        this.exits.returns.push(...this.expression(node.argument, ways));
        return [];
      case 'BreakStatement':
        this.exits.breaks.push(...ways);
        return [];
      case 'ContinueStatement':
        this.exits.continues.push(...ways);
        return [];
      case 'WhileStatement':
        return this.loop(ways, node.test, node.body, undefined);
      case 'ForStatement': {
        const begun =
          node.init?.type === 'VariableDeclaration'
            ? this.statement(node.init, ways)
            : this.expression(node.init, ways);
        return this.loop(begun, node.test, node.body, node.update);
      }
      case 'ForOfStatement': {
        const over = this.expression(node.right, ways);
        const id =
          node.left.type === 'VariableDeclaration' ? node.left.declarations[0]!.id : node.left;
        return this.loop(
          over.map((w) => bind(id, { ...w, value: UNKNOWN })),
          undefined,
          node.body,
          null,
        );
      }
      case 'EmptyStatement':
      case 'ThrowStatement':
      case 'FunctionDeclaration':
        return node.type === 'ThrowStatement' ? [] : [...ways];
      default:
        throw new NotFollowed(`${node.type}, line ${node.loc?.start.line}`);
    }
  }

  /** @param test undefined = it may end whenever it likes; null = never by itself */
  private loop(
    ways: readonly Way[],
    test: Node | null | undefined,
    body: Statement,
    update: Node | null | undefined,
  ): Way[] {
    const changed = assignedIn([body, test, update]);
    const forget = (way: Way): Way => ({
      ...way,
      env: new Map([...way.env].filter(([name]) => !changed.has(name))),
    });
    const { breaks, continues } = this.exits;
    const inner: Exits = { returns: this.exits.returns, breaks: [], continues: [] };
    this.exits = inner;
    const seen = new Map<Seen | undefined, Env>();
    const ended: Way[] = [];
    let fresh = unseen(ways.map(forget), seen);
    while (fresh.length > 0) {
      const [on, off] = test
        ? split(this.expression(test, fresh))
        : [fresh, test === null ? [] : fresh];
      ended.push(...off);
      const around = this.statement(body, on);
      const again = merge([...around, ...inner.continues.splice(0)]);
      fresh = unseen(this.expression(update, again).map(forget), seen);
    }
    this.exits = { returns: inner.returns, breaks, continues };
    return merge([...ended, ...inner.breaks]);
  }

  /** The ways behind an expression, each with its value. */
  private expression(node: Node | null | undefined, ways: readonly Way[]): Way[] {
    if (!node || !isBusy(node))
      return ways.map((w) => ({ ...w, value: node ? this.value(node, w.env) : plain(undefined) }));
    switch (node.type) {
      case 'YieldExpression':
        return this.yielded(node.argument, ways);
      case 'AssignmentExpression':
        return this.expression(node.right, ways).map((w) =>
          bind(node.left, node.operator === '=' ? w : { ...w, value: UNKNOWN }),
        );
      case 'UpdateExpression':
        return ways.map((w) => bind(node.argument, { ...w, value: UNKNOWN }));
      case 'ConditionalExpression': {
        const [yes, no] = split(this.expression(node.test, ways));
        return [...this.expression(node.consequent, yes), ...this.expression(node.alternate, no)];
      }
      case 'LogicalExpression': {
        if (node.operator === '??') throw new NotFollowed(`??, line ${node.loc?.start.line}`);
        const [yes, no] = split(this.expression(node.left, ways));
        const [on, off] = node.operator === '&&' ? [yes, no] : [no, yes];
        return [...this.expression(node.right, on), ...off];
      }
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'TSNonNullExpression':
      case 'ParenthesizedExpression':
        return this.expression(node.expression, ways);
      default:
        return this.parts(node, ways);
    }
  }

  /** An expression with a yield somewhere in it: the parts in order, then the whole. */
  private parts(node: Node, ways: readonly Way[]): Way[] {
    return busyParts(node)
      .reduce<Way[]>((now, part) => this.expression(part, now).map((w) => keep(part, w)), [...ways])
      .map((w) => ({ ...w, value: this.value(withoutParts(node), w.env) }));
  }

  private value(node: Node, env: Env): Value {
    return evaluate(node, { module: this.fn.module, env, kernel: this.kernel, depth: 0 });
  }

  /** `yield*` of a step, of a call, of a helper; or `yield` of a request itself. */
  private yielded(node: Node | null | undefined, ways: readonly Way[]): Way[] {
    const ready = node && isBusy(node) ? this.parts(node, ways) : this.expression(node, ways);
    const { line = 0, column = 0 } = node?.loc?.start ?? {};
    this.trail.push(`${line}:${column}`);
    const after = ready.flatMap((w) => each(w.value).flatMap((v) => this.performed(v, w, line)));
    this.trail.pop();
    return after;
  }

  private performed(value: Value, way: Way, line: number): Way[] {
    if (value.kind === 'helper') {
      if (this.trail.length > DEEPEST) throw new NotFollowed(`helpers too deep, line ${line}`);
      const env = parameters(value.fn, value.args, this.kernel);
      return this.body(value.fn, [{ ...way, env }]).map((w) => ({ ...w, env: way.env }));
    }
    if (value.kind === 'record' && isPlain(value.fields.get('kind'), 'step')) {
      const label = value.fields.get('label') ?? UNKNOWN;
      return this.asked({ kind: 'request', of: 'step', label, options: [] }, way, line);
    }
    if (value.kind !== 'request')
      throw new NotFollowed(`a yield of what is not known, line ${line}`);
    return each(value.label).flatMap((label) => this.asked({ ...value, label }, way, line));
  }

  private asked(request: Request, way: Way, line: number): Way[] {
    const parts = partsOf(request.label);
    const site: Found = {
      kind: request.of,
      trail: this.trail.join(' '),
      label: request.label,
      options: request.options,
      file: this.fn.module.shown,
      line,
    };
    const { at } = way;
    if (!at) {
      this.visitor(site, undefined);
      return request.of === 'again' ? [] : [{ ...way, value: UNKNOWN }];
    }
    if (!fits(at, request.of, parts)) return [];
    this.visitor(site, at);
    return at.after.map(({ given, seen }) => ({
      ...way,
      at: seen,
      value: valueOf(given, request.of),
    }));
  }
}

const keep = (part: Node, way: Way): Way => ({
  ...way,
  env: new Map(way.env).set(nameOfPart(part), way.value),
});

const isPlain = (value: Value | undefined, as: string): boolean =>
  value?.kind === 'plain' && value.value === as;
