import type { Assignment, Change, Event, OperationText, OrderText, Place } from './ast.js';

/** `filemap[0]=7;`, `slot[0]=(0, 1);` */
export function assignmentText({ place, values }: Assignment): string {
  const texts = values.map((v) => v.text);
  return `${placeText(place)}=${texts.length > 1 ? `(${texts.join(', ')})` : texts[0]};`;
}

export const placeText = ({ vm, name, index }: Place): string =>
  `${vm === undefined ? '' : `vm${vm}:`}${name}${index === undefined ? '' : `[${index}]`}`;

/** An operation in the usual spacing. */
export function operationText({ name, args }: OperationText): string {
  const texts = args.map((a) => a.text);
  if (name === 'after') return `after ${texts.join(':')}`;
  const isCall = !name.endsWith(':') && name !== 'read' && name !== 'write';
  return isCall ? `${name}(${texts.join(', ')})` : `${name} ${texts.join(' ')}`;
}

/** `drop kvm_gmem_bind:filemap_invalidate_lock;` */
export function changeText({ does, fn, labels, gives }: Change): string {
  const of = fn ? `${nameText(fn.text)}:` : '';
  const steps = labels.map((l) => `${of}${nameText(l.text)}`);
  const what =
    fn && labels.length === 0 ? nameText(fn.text) : steps.join(does === 'move' ? ' after ' : ' ');
  const texts = gives.map((g) => g.text);
  const value =
    texts.length > 1 ? ` = (${texts.join(', ')})` : texts.length > 0 ? ` = ${texts[0]}` : '';
  return `${does} ${what}${value};`;
}

/** `vcpu0@kvm_gmem_get_folio`, `host@kvm_gmem_bind:"filemap_invalidate_lock("`. */
export function eventText({ column, name, label }: Event): string {
  return `${column.text}@${nameText(name.text)}${label ? `:${nameText(label.text)}` : ''}`;
}

/** An order of steps as a condition has it. */
export const orderText = ({ kind, events }: OrderText): string =>
  events.map(eventText).join(kind === 'sequence' ? ' -> ' : ' during ');

/** Quoted where it has to be. */
const nameText = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : `"${name}"`);
