import type { Function as FunctionNode } from '@babel/types';
import type { Module } from './modules.js';

/** What is known of a value without running anything. */
export type Value =
  | { readonly kind: 'unknown' }
  | Plain
  /** A text with holes; each null stands for what is not known. */
  | { readonly kind: 'text'; readonly parts: readonly (string | null)[] }
  | { readonly kind: 'either'; readonly values: readonly Value[] }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'record'; readonly fields: ReadonlyMap<string, Value> }
  | FunctionValue
  /** The functions `step`, `test`, ... of the engine. */
  | { readonly kind: 'primitive'; readonly name: Primitive }
  /** The kernel, whose methods are frames of their own. */
  | { readonly kind: 'kernel' }
  | { readonly kind: 'method'; readonly name: string }
  /** What `yield*` of it does: a step, a frame, or a helper's own steps. */
  | Request
  | { readonly kind: 'helper'; readonly fn: FunctionValue; readonly args: readonly Value[] };

export interface Plain {
  readonly kind: 'plain';
  readonly value: number | string | boolean | undefined;
  /** The constant's name, where it was written as one. */
  readonly name?: string;
}

export interface FunctionValue {
  readonly kind: 'function';
  readonly node: FunctionNode;
  readonly module: Module;
  /** Variables around it. */
  readonly env: Env;
}

export type Primitive = 'step' | 'test' | 'choose' | 'call' | 'again';

export interface Request {
  readonly kind: 'request';
  readonly of: Primitive;
  /** A step's label, a callee's name. */
  readonly label: Value;
  /** Names of the outcomes of a choice. */
  readonly options: readonly string[];
}

/** Variables by name; what is missing is not known. */
export type Env = ReadonlyMap<string, Value>;

export const UNKNOWN: Value = { kind: 'unknown' };
export const plain = (value: Plain['value']): Value => ({ kind: 'plain', value });

/** Is it true? undefined = not known. */
export function truth(value: Value): boolean | undefined {
  if (value.kind === 'plain') return Boolean(value.value);
  if (value.kind === 'unknown' || value.kind === 'text' || value.kind === 'either')
    return undefined;
  return true;
}

/** The alternatives of a value, each by itself. */
export function each(value: Value): readonly Value[] {
  return value.kind === 'either' ? value.values.flatMap(each) : [value];
}

export function either(a: Value, b: Value): Value {
  return { kind: 'either', values: [...each(a), ...each(b)] };
}

/** The parts of a text. */
export function partsOf(value: Value): readonly (string | null)[] {
  if (value.kind === 'text') return value.parts;
  return value.kind === 'plain' ? [String(value.value)] : [null];
}

/** A label as `show` prints it: numbers that vary are N. */
export function labelText(parts: readonly (string | null)[]): string {
  return parts.map((part) => part ?? 'N').join('');
}

/** Whether a label could be this text with its holes filled. */
export function labelMatcher(parts: readonly (string | null)[]): (label: string) => boolean {
  if (!parts.includes(null)) {
    const text = parts.join('');
    return (label) => label === text;
  }
  const escaped = parts.map((p) => p?.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') ?? '.*');
  const pattern = new RegExp(`^${escaped.join('')}$`, 's');
  return (label) => pattern.test(label);
}

/** What two ways to the same place agree on. */
export function common(a: Env, b: Env): Env {
  if (a === b) return a;
  const both = new Map<string, Value>();
  for (const [name, value] of a) if (isSame(value, b.get(name))) both.set(name, value);
  return both;
}

function isSame(a: Value, b: Value | undefined): boolean {
  return a === b || (a.kind === 'plain' && b?.kind === 'plain' && a.value === b.value);
}
