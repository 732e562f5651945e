import { InvalidArgumentError } from 'commander';

/** A commander argument parser for whole numbers in a range. */
export function whole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** Where a command's answer goes. */
export type Out = (text: string) => void;

/** Exit statuses; part of the command line's contract. */
export const OK = 0;
export const UNEXPECTED = 1;
export const BAD_INPUT = 2;
export const UNDECIDED = 3;
