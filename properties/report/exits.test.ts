import { expect, test } from 'vitest';
import * as exits from '../../models/exits.js';
import { readTest } from '../../models/language/index.js';
import { invariants } from '../../models/invariants/index.js';
import { protocolById } from '../../models/protocols/index.js';
import { buildWorld } from '../../models/world.js';
import { reportNames } from '../../src/check/names.js';
import { Machine } from '../../src/core/machine.js';
import { traceOf } from '../../src/core/trace.js';
import { runSchedule } from '../../src/fastcheck/index.js';

test('every exit of a guest has a number and a name of its own', () => {
  const { EXIT_OF, ...numbers } = exits;
  const all = Object.values(numbers);
  expect(new Set(all).size).toBe(all.length);
  expect(Object.keys(EXIT_OF).map(Number).toSorted()).toEqual(all.toSorted());
  expect(new Set(Object.values(EXIT_OF)).size).toBe(all.length);
});

/** What is printed of the guest's access, when a test of one vCPU runs to its end. */
function saidOf(text: string, protocol: string): (string | undefined)[] {
  const test = readTest(text, 'x');
  const machine = new Machine(buildWorld(test.scenario, protocolById(protocol), invariants).world);
  const { schedule } = runSchedule(machine, { preemptions: [], picks: [] });
  return traceOf(machine, schedule)
    .steps.filter((step) => /guest (read|write|page walk)/.test(step.label))
    .map((step) => reportNames.observed?.(step));
}

test.each(['', ' tlb=explicit;'])('a guest that cannot be entered is none that exits:%s', (tlb) => {
  const text = `gmem x
"An SNP guest runs before its launch has finished"
{ memory=snp; launch=started; pages=1; attr[0]=private;${tlb} }
 vcpu0       ;
 run: read 0 ;
forall (vcpu0:exit0=FAIL_ENTRY)
`;
  expect(saidOf(text, 'P8')).toEqual(['VMRUN fails']);
});
