import { invariants } from '../models/invariants/index.js';
import { protocolById } from '../models/protocols/index.js';
import { buildWorld } from '../models/world.js';
import { findTests } from '../src/check/tests.js';
import type { World } from '../src/core/world.js';

/** What is measured: one committed test under one protocol. */
export interface Subject {
  readonly test: string;
  readonly protocol: string;
  /** A fresh world, its memory as the test says. */
  build(): World;
}

/** A committed test as a subject. @throws InputError for an unknown name. */
export function subject(test: string, protocol: string): Subject {
  const [found] = findTests([test]);
  const { scenario, condition } = found!;
  const build = (): World =>
    buildWorld(scenario, protocolById(protocol), invariants, condition).world;
  return { test, protocol, build };
}
