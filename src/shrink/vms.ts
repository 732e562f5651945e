import type { Call } from '../../models/operations.js';
import { cut, type Cut } from './cut.js';
import type { Draft } from './draft.js';
import { renamed } from './names.js';

/** Without the second VM; or with all that is done done to one VM, which has what one of them has. */
export function ofVms(draft: Draft): Cut[] {
  if (!draft.words.some((w) => w.startsWith('vms='))) return [];
  const alone = { ...draft, words: wordsOf(draft, 0) };
  const columns = draft.columns.filter((c) => !isSecond(c.name));
  const second = cut('the second VM', { ...alone, columns });
  // What a condition asks of one VM it does not ask of the other.
  if (draft.condition) return [second];
  const [first, other] = [asOne(draft, 0), asOne(draft, 1)];
  return [second, cut('the second VM, as the first', first), cut('the first VM', other)];
}

const isSecond = (name: string): boolean => name.startsWith('vm1:');

/** What is of a VM: of the first one no word says so. */
const OF_VM = /^(vm1:)?(attr|slot|gmem|readonly)\[/;

/** Files of the second VM are the first one's then: gmem0. */
function wordsOf({ words }: Draft, vm: 0 | 1): string[] {
  const kept = words
    .filter((w) => !/^(vms=|asid=|vm1:gmem)/.test(w))
    .filter((w) => !OF_VM.test(w) || isSecond(w) === (vm === 1))
    .map((w) => (w.startsWith('gmems=') ? 'gmems=1;' : w.replace(/^vm1:/, '')));
  return vm === 0
    ? kept
    : kept.map((w) => w.replace(/^slot\[1\]=(.*), 1, (\d+)\);$/, 'slot[0]=$1, 0, $2);'));
}

function asOne(draft: Draft, vm: 0 | 1): Draft {
  let one = draft;
  for (const { name } of draft.columns.filter((c) => isSecond(c.name))) {
    const kind = name.includes('vcpu') ? 'vcpu' : 'host';
    const names = [...one.columns, one].map((_, n) =>
      kind === 'host' && n === 0 ? kind : `${kind}${n}`,
    );
    const free = names.findIndex((n) => one.columns.every((c) => c.name !== n));
    one = renamed(one, name, names[free]!, free);
  }
  const columns = one.columns.map((c) => ({ ...c, calls: c.calls.map(ofFirst) }));
  return { ...one, columns, words: wordsOf(draft, vm) };
}

/** A call of the second VM as one of the first. */
function ofFirst(call: Call): Call {
  if (call.vm !== 1) return call;
  const { vm: _, ...rest } = call;
  const file = 'file' in call && call.file !== undefined ? { file: 0 } : {};
  const slot = 'slot' in call ? { slot: 0 } : {};
  return { ...rest, ...file, ...slot } as Call;
}
