import { InvalidArgumentError } from 'commander';
import { ALL, NONE, type Reductions } from '../explore/reductions/options.js';

/** A commander argument parser for whole numbers in a range. */
export function whole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** A commander argument parser for `none`, `all` or reductions by name. */
export function reductions(text: string): Reductions {
  if (text === 'none') return NONE;
  if (text === 'all') return ALL;
  const names = text.split(',');
  if (!names.every((name) => isReduction(name)))
    throw new InvalidArgumentError(
      "expected none, all, or some of 'partial-order,chains,symmetry'.",
    );
  return {
    partialOrder: names.includes('partial-order'),
    chains: names.includes('chains'),
    symmetry: names.includes('symmetry'),
  };
}

const isReduction = (name: string): boolean =>
  ['partial-order', 'chains', 'symmetry'].includes(name);

/** An argument's name, as it is typed. */
export const flag = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

/** Where a command's answer goes. */
export type Out = (text: string) => void;

/** Exit statuses; part of the command line's contract. */
export const OK = 0;
export const UNEXPECTED = 1;
export const BAD_INPUT = 2;
export const UNDECIDED = 3;
