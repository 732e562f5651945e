import { describe, expect, it } from 'vitest';
import { claims } from '../../models/claims/index.js';
import type { Verdict } from '../../models/claims/claim.js';
import { variantOf } from '../../models/mutations/mutation.js';
import { mutations } from '../../models/mutations/index.js';
import { isMutant, keyOf, pairsOf, type Pair } from '../../src/check/claims/asked.js';
import { decide } from '../../src/check/claims/decide.js';
import { expectationOf } from '../../src/check/expectation.js';
import { versionNamed } from '../../src/check/protocols.js';
import type { CheckResult } from '../../src/report/result.js';
import { testNamed, verdictOf } from './verdict.js';

/** What a test expects, as if it had been searched; committed.test.ts holds it to that. */
function foretold({ test, protocol }: Pair): CheckResult {
  if (isMutant(protocol)) return verdictOf(test, versionNamed(protocol).protocol);
  const { verdict, property, steps } = expectationOf(test, protocol)!;
  return {
    test: test.name,
    title: test.title,
    protocol,
    memory: test.scenario.memory,
    verdict,
    footing: 'exhaustive',
    property: property?.text ?? null,
    states: 1,
    transitions: 0,
    steps: steps ?? null,
    preemptions: null,
    progress: 'checked',
    token: null,
    expected: true,
    note: '',
  };
}

const claim = (id: string) => claims.find((c) => c.id === id)!;

/** Verdict on a claim under a protocol where one test is searched under a mutation of it. */
function verdictWith(id: string, mutation: string, test: string): Verdict {
  const change = mutations.find((m) => m.id === mutation)!;
  const results = new Map(
    pairsOf(claim(id)).map((p) => [keyOf(p.test.name, p.protocol), foretold(p)]),
  );
  const key = keyOf(test, change.base);
  expect(results.has(key), key).toBe(true);
  const found = verdictOf(testNamed(test), variantOf(change));
  results.set(key, { ...found, protocol: change.base });
  const { answers } = decide(claim(id), results);
  return (answers.find((a) => a.protocol === change.base) ?? answers[0]!).verdict;
}

/** Claim, a change of the model, the test that tells, and what becomes of the claim. */
const flips: readonly (readonly [string, string, string, Verdict])[] = [
  ['PREP-1', 'fallocate-prepares', 'prep-1-populate-after-allocate', 'refuted'],
  ['PREP-2', 'page-not-cleared', 'fault-vs-punch', 'refuted'],
  ['PREP-3', 'populate-does-not-mark', 'prep-3-populated-page-kept', 'refuted'],
  ['PREP-4', 'fault-takes-invalidate-lock', 'prep-4-page-left-in-hole', 'refuted'],
  ['PREP-5', 'truncate-before-begin', 'fault-vs-punch', 'refuted'],
  ['PREP-6', 'no-attribute-check', 'prep-6-fault-begins-later', 'refuted'],
  ['PREP-6', 'fault-takes-invalidate-lock', 'prep-6-attribute-first', 'confirmed'],
  ['PREP-7', 'prefault-before-finish', 'prep-7-before-launch', 'confirmed'],
  ['PREP-8', 'prepares-for-one-vm', 'prep-8-other-vm', 'refuted'],
  ['PF-1', 'prefault-retry-to-user', 'prefault-vs-punch', 'refuted'],
  ['PF-2', 'prefault-emulate-eio', 'prefault-past-slot', 'refuted'],
  ['PF-3', 'prefault-error-lost-progress', 'prefault-signal', 'refuted'],
  ['PF-4', 'prefault-skips-a-page', 'prefault-exact', 'refuted'],
  ['PF-5', 'prefault-on-shadow-mmu', 'prefault-nested', 'refuted'],
  ['PF-5', 'prefault-not-in-guest-mode', 'prefault-nested-no-tdp', 'confirmed'],
  ['PF-6', 'slots-of-one-address-space', 'prefault-smm', 'refuted'],
  ['PF-7', 'page-measured-twice', 'tdx-populate', 'refuted'],
  ['PF-8', 'prefault-maps-nothing', 'prefault-stays', 'refuted'],
  ['PF-9', 'capability-of-none', 'prefault-capability-shadow', 'refuted'],
  ['PF-9', 'capability-of-the-vm', 'prefault-capability-launch', 'confirmed'],
  ['SPLIT-1', 'leaf-not-blocked', 'tdx-punch-loses-page', 'refuted'],
  ['SPLIT-2', 'hole-does-not-split', 'huge-punch-half', 'refuted'],
  ['SPLIT-3', 'hole-ignores-failed-split', 'huge-split-fails', 'refuted'],
  ['SPLIT-4', 'conversion-ignores-failed-split', 'huge-convert-fails', 'refuted'],
  ['SPLIT-5', 'close-leaves-huge-leaves', 'huge-close', 'refuted'],
  ['SPLIT-7', 'hole-zaps-before-split', 'huge-convert-half', 'refuted'],
  ['SPLIT-9', 'hole-beyond-its-end', 'huge-punch-whole', 'refuted'],
  ['SPLIT-11', 'memory-failure-zaps-private', 'huge-shared-failure', 'refuted'],
  ['SPLIT-12', 'split-and-zap-file-by-file', 'huge-linked-split-fails', 'refuted'],
  ['SPLIT-12', 'split-error-of-later-file-lost', 'huge-linked-convert-fails', 'refuted'],
  ['SPLIT-13', 'hole-never-ends', 'conv-vs-punch', 'refuted'],
  ['SPLIT-10', 'convert-counts-no-references', 'conv-pinned', 'refuted'],
  ['PRIV-1', 'private-slot-not-known', 'p0-private', 'refuted'],
  ['PRIV-2', 'private-slot-not-known', 'p0-shared-in-order', 'refuted'],
  ['PRIV-6', 'private-readonly-mapped-writable', 'ro-private-read', 'refuted'],
  ['PRIV-6', 'order-not-asked', 'p0-level-small', 'refuted'],
];

/** A claim on the 2021 patch alone that the rest of its series turns. */
const turnedByProtocol = ['PRIV-3', 'PRIV-5'];

describe('claims', () => {
  it('have ids of their own, statements in whole sentences, and a source', () => {
    expect(new Set(claims.map((c) => c.id)).size).toBe(claims.length);
    for (const c of claims)
      expect(`${c.statement} ${c.source}`).toMatch(/^[A-Za-z_]+[ -~]+[.?] \S/);
  });

  it('each with a verdict has a change of the model that turns it', () => {
    const turned = flips.map(([id]) => id);
    const decided = claims.filter((c) => c.kind === 'claim').map((c) => c.id);
    expect(decided.filter((id) => !turned.includes(id))).toEqual(turnedByProtocol);
    for (const id of turnedByProtocol) {
      const all = pairsOf(claim(id)).map(
        (p) => [keyOf(p.test.name, p.protocol), foretold(p)] as const,
      );
      const { verdict, answers } = decide(claim(id), new Map(all));
      expect(answers.find((a) => a.protocol === 'P0s')!.verdict).not.toBe(verdict);
    }
  });

  it.each(flips)('%s: with %s, %s makes it %s', (id, mutation, test, verdict) => {
    expect(verdictWith(id, mutation, test)).toBe(verdict);
  });

  it('that come out otherwise than on record say so', () => {
    const prep1 = claim('PREP-1');
    const all = pairsOf(prep1).map((p) => [keyOf(p.test.name, p.protocol), foretold(p)] as const);
    const results = new Map(all);
    expect(decide(prep1, results)).toMatchObject({ verdict: 'confirmed', isOnRecord: true });
    const key = keyOf('prep-1-populate-after-allocate', 'P3');
    results.set(key, { ...results.get(key)!, verdict: 'violated', property: 'S1' });
    expect(decide(prep1, results)).toMatchObject({ verdict: 'refuted', isOnRecord: false });
    results.set(key, { ...results.get(key)!, verdict: 'undecided', footing: null });
    expect(decide(prep1, results)).toMatchObject({ verdict: 'undecided', footing: null });
  });

  it('that foretell a property are open where another one breaks before it', () => {
    const prep4 = claim('PREP-4');
    const all = pairsOf(prep4).map((p) => [keyOf(p.test.name, p.protocol), foretold(p)] as const);
    const results = new Map(all);
    const key = keyOf('prep-4-page-left-in-hole', 'P3');
    results.set(key, { ...results.get(key)!, property: 'S1' });
    expect(decide(prep4, results).verdict).toBe('undecided');
  });
});
