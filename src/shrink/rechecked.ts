import { EAGAIN } from '../../models/errno.js';
import { RET_PF_RETRY } from '../../models/flows/ret_pf.js';
import type { Kernel } from '../../models/kernel.js';
import { instead, type ModelledFunction } from '../../models/mutations/edit.js';
import type { Protocol } from '../../models/protocol.js';
import type { KernelFunction } from '../../models/source.js';
import type { Flow, Request, Returned, StepRequest } from '../core/flow.js';
import type { TraceStep } from '../core/trace.js';
import { withFunction } from './held-across.js';

/** A check that is made once more, before a later step or call of the same function. */
export interface Recheck {
  readonly fn: string;
  /** The label of the step that checks. */
  readonly check: string;
  /** A label, or a function that is called. */
  readonly before: { readonly kind: 'step' | 'call'; readonly name: string };
  readonly otherwise: Otherwise;
}

/** What is done where it has become another answer. */
const OTHERWISE = ['RET_PF_RETRY', '-EAGAIN', 'goto retry'] as const;
type Otherwise = (typeof OTHERWISE)[number];

const VALUES = { RET_PF_RETRY, '-EAGAIN': -EAGAIN } as const;

/** `in kvm_faultin_pfn(), 'kvm_mem_is_private()' checked again before kvm_gmem_get_pfn()`. */
export function recheckText({ fn, check, before, otherwise }: Recheck): string {
  const what = before.kind === 'call' ? `${before.name}()` : `'${before.name}'`;
  return `in ${fn}(), '${check}' once more before ${what}, else ${otherwise}`;
}

/**
 * Re-checks in functions that a step is in: of each step before it, in the same call of the
 * function, that `isCheck`.
 */
export function* rechecksBefore(
  steps: readonly TraceStep[],
  at: TraceStep,
  isCheck: (step: TraceStep) => boolean,
): Generator<Recheck> {
  for (let depth = at.frames.length - 1; depth > 0; depth--) {
    const fn = at.frames[depth]!.name;
    const inner = at.frames[depth + 1];
    const name = inner?.name ?? at.label;
    const before = { kind: inner ? 'call' : 'step', name } as const;
    const checks = new Set(
      steps
        .slice(0, at.index)
        .filter((s) => isOfCall(s, at, depth) && s.frames.length === depth + 1 && isCheck(s))
        .map((s) => s.label),
    );
    for (const check of checks)
      for (const otherwise of inner ? OTHERWISE : OTHERWISE.slice(2))
        yield { fn, check, before, otherwise };
  }
}

/** Is it of the same actor's same operation, with the same functions on the stack? */
function isOfCall(step: TraceStep, at: TraceStep, depth: number): boolean {
  return (
    step.actor === at.actor &&
    step.operation === at.operation &&
    step.frames.slice(0, depth + 1).every((f, i) => f.name === at.frames[i]?.name)
  );
}

/** A protocol that makes a check once more. */
export function rechecked(base: Protocol, { fn, check, before, otherwise }: Recheck): Protocol {
  const inner = base.functions[fn] as unknown as ModelledFunction | undefined;
  if (!inner) return base;
  const isBefore = (request: Request): boolean =>
    request.kind === 'call'
      ? before.kind === 'call' && request.name === before.name
      : request.kind === 'step' && before.kind === 'step' && request.label === before.name;
  const changed = instead(inner, function* (...args): Flow<Returned> {
    const flow = inner(...(args as unknown as [Kernel, ...never[]]));
    let checked: { readonly request: StepRequest; readonly value: Returned } | undefined;
    for (let next = flow.next(); ;) {
      if (next.done) return next.value;
      const request = next.value;
      if (checked && isBefore(request)) {
        const label = `${check}, once more`;
        const now: Returned = yield { ...checked.request, label };
        if (now !== checked.value) {
          if (otherwise === 'goto retry') yield { kind: 'again', args: undefined };
          else next = flow.next(VALUES[otherwise]);
          continue;
        }
      }
      const value: Returned = yield request;
      if (request.kind === 'step' && request.label === check) checked = { request, value };
      next = flow.next(value);
    }
  });
  return withFunction(base, fn, changed as unknown as KernelFunction);
}
