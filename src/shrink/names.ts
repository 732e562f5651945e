import type { Call } from '../../models/operations.js';
import type { Column } from '../../models/scenario.js';
import { cut, type Cut } from './cut.js';
import type { Draft } from './draft.js';

/** A vCPU that does nothing is a thread of the VMM; of these, too, none has a number for nothing. */
export function ofThreads(draft: Draft): Cut[] {
  return draft.columns.flatMap(({ name, calls }) => {
    const [, vm = '', kind] = /^(vm\d:)?(vcpu|host)\d$/.exec(name) ?? [];
    if (!kind || calls.some((call) => 'vcpu' in call)) return [];
    const names = ['host', 'host1', 'host2', 'host3'].map((host) => `${vm}${host}`);
    const free = names.find((host) => draft.columns.every((c) => c.name !== host));
    if (!free || (kind === 'host' && free > name)) return [];
    const what = kind === 'host' ? 'number' : 'vCPU';
    return [cut(`the ${what} of ${name}`, behind(draft, name, free))];
  });
}

/** The column under another name, behind the others. */
function behind(draft: Draft, from: string, to: string): Draft {
  const { columns, ...rest } = renamed(draft, from, to, 0);
  const isMoved = ({ name }: Column): boolean => name === to;
  return { ...rest, columns: [...columns.filter((c) => !isMoved(c)), ...columns.filter(isMoved)] };
}

/** vCPUs are counted from 0: one that nobody runs is none. */
export function ofNames(draft: Draft): Cut[] {
  return draft.columns.flatMap(({ name }) => {
    const [, vm = '', number] = /^(vm\d:)?vcpu(\d)$/.exec(name) ?? [];
    const before = Number(number) - 1;
    const other = `${vm}vcpu${before}`;
    if (!(before >= 0) || draft.columns.some((c) => c.name === other)) return [];
    return [cut(`the number of ${name}`, renamed(draft, name, other, before))];
  });
}

export function renamed(draft: Draft, from: string, to: string, number: number): Draft {
  const word = new RegExp(`(?<![\\w:])${from}(?=[:@])`, 'g');
  const call = (c: Call): Call => ('column' in c && c.column === from ? { ...c, column: to } : c);
  return {
    ...draft,
    columns: draft.columns.map((c) => ({
      name: c.name === from ? to : c.name,
      calls: c.calls
        .map(call)
        .map((each) => (c.name === from && 'vcpu' in each ? { ...each, vcpu: number } : each)),
    })),
    condition: draft.condition.replace(word, to),
    words: draft.words.map((w) =>
      w.replace(
        `${from.replace(/vcpu(\d)$/, 'vcpu[$1]')}=`,
        `${to.replace(/vcpu(\d)$/, 'vcpu[$1]')}=`,
      ),
    ),
  };
}
