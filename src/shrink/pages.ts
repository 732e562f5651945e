import type { Call } from '../../models/operations.js';
import type { Draft } from './draft.js';

/** So many pages of each guest_memfd from one on, guest frames from one on, or both. */
interface Gone {
  readonly page?: number | undefined;
  readonly gfn?: number | undefined;
  readonly size: number;
}

/** A page of each guest_memfd, a guest frame or both, out of so many. */
interface Gap {
  readonly page: number | undefined;
  readonly gfn: number | undefined;
  readonly pages: number;
  readonly gfns: number;
}

/** [first, how many] */
type Range = readonly [number, number];

/** A draft without some pages in a row; frames of the guest go as far as there are. */
export function withoutPages(
  draft: Draft,
  sizes: Pick<Gap, 'pages' | 'gfns'>,
  { page, gfn, size }: Gone,
): Draft | undefined {
  let left: Draft | undefined = draft;
  let { pages, gfns } = sizes;
  for (let i = size - 1; i >= 0 && left; i--) {
    const one = {
      page: page === undefined ? undefined : page + i,
      gfn: gfn === undefined || gfn + i >= gfns ? undefined : gfn + i,
    };
    left = withoutPage(left, { ...one, pages, gfns });
    if (one.page !== undefined) pages--;
    if (one.gfn !== undefined) gfns--;
  }
  return left;
}

/** A draft without a page: what lies behind it moves up, what is on it goes, operations too. */
function withoutPage(draft: Draft, gap: Gap): Draft | undefined {
  const { page, gfn, pages, gfns } = gap;
  if ((page !== undefined && pages === 1) || (gfn !== undefined && gfns === 1)) return undefined;
  const words = draft.words
    .filter((w) => !/^(pages|gfns)=/.test(w))
    .map((w) => wordWithout(w, gap));
  const sizes = [
    `pages=${pages - (page === undefined ? 0 : 1)};`,
    `gfns=${gfns - (gfn === undefined ? 0 : 1)};`,
  ];
  const columns = draft.columns.map((c) => ({
    ...c,
    calls: c.calls.map((call) => callWithout(call, gap)),
  }));
  // An operation that has nothing left is one less to begin with: then this is another cut.
  if (words.includes(undefined) || columns.some((c) => c.calls.includes(undefined)))
    return undefined;
  const [memory, ...rest] = words.filter((w): w is string => w !== undefined && w !== '');
  return {
    ...draft,
    words: [memory!, ...sizes, ...rest],
    columns: columns.map((c) => ({ ...c, calls: c.calls as Call[] })),
    condition: conditionWithout(draft.condition, gap),
  };
}

/** A range without one place; undefined where nothing is left of it. */
function without([first, count]: Range, gap: number | undefined): Range | undefined {
  if (gap === undefined || gap >= first + count) return [first, count];
  if (gap < first) return [first - 1, count];
  return count > 1 ? [first, count - 1] : undefined;
}

/** '' = it is of that page alone; undefined = it cannot be without it. */
function wordWithout(word: string, { page, gfn }: Gap): string | undefined {
  const slot = /^((?:vm\d:)?slot\[\d\]=)\((.*)\);$/.exec(word);
  if (slot) {
    const [at, count, file, offset] = slot[2]!.split(',').map(Number);
    const guest = without([at!, count!], gfn);
    const backing = offset === undefined ? guest : without([offset, count!], page);
    // One of this page alone goes with it.
    if (!guest && !backing) return slot[1] === 'slot[0]=' ? 'slot[0]=none;' : '';
    if (!guest || !backing || guest[1] !== backing[1]) return undefined;
    const rest = offset === undefined ? '' : `, ${file}, ${backing[0]}`;
    return `${slot[1]}(${guest[0]}, ${guest[1]}${rest});`;
  }
  const place = /^((?:vm\d:)?(\w+))\[(\d+)\](.*)$/.exec(word);
  const isOfPage = /^(filemap|rmp)$/.test(place?.[2] ?? '');
  if (!place || !(isOfPage || /^(attr|sept)$/.test(place[2]!))) return word;
  const kept = without([Number(place[3]), 1], isOfPage ? page : gfn);
  return kept ? `${place[1]}[${kept[0]}]${place[4]}` : '';
}

function callWithout(call: Call, { page, gfn }: Gap): Call | undefined {
  if (call.op === 'KVM_SET_USER_MEMORY_REGION2') {
    if (call.npages === 0) return call;
    const guest = without([call.gfn, call.npages], gfn);
    const backing = call.file === undefined ? guest : without([call.pgoff, call.npages], page);
    const { userspace_addr: host = call.gfn } = call;
    const pages = without([host, call.npages], gfn);
    if (!guest || !backing || guest[1] !== backing[1] || guest[1] !== pages?.[1]) return undefined;
    const moved = call.userspace_addr === undefined ? {} : { userspace_addr: pages[0] };
    const pgoff = call.file === undefined ? call.pgoff : backing[0];
    return { ...call, ...moved, gfn: guest[0], npages: guest[1], pgoff };
  }
  if ('gfn' in call) {
    const range = without([call.gfn, 'npages' in call ? call.npages : 1], gfn);
    if (!range) return undefined;
    return { ...call, gfn: range[0], ...('npages' in call && { npages: range[1] }) } as Call;
  }
  if ('index' in call) {
    const range = without([call.index, 1], page);
    return range && { ...call, index: range[0] };
  }
  if (!('offset' in call)) return call;
  const length = 'npages' in call ? call.npages : 'len' in call ? call.len : 1;
  const range = without([call.offset, length], page);
  if (!range) return undefined;
  const size = 'npages' in call ? { npages: range[1] } : 'len' in call ? { len: range[1] } : {};
  return { ...call, offset: range[0], ...size } as Call;
}

/** A condition on the page itself cannot be read any more. */
function conditionWithout(condition: string, { page, gfn }: Gap): string {
  return condition.replace(/\b(\w+)\[(\d+)\]/g, (_, name: string, index: string) => {
    const isOfPage = /^(filemap|uptodate|content|rmp|lost|pte|left|asid)$/.test(name);
    const kept = without([Number(index), 1], isOfPage ? page : gfn);
    return kept ? `${name}[${kept[0]}]` : `${name}[none]`;
  });
}
