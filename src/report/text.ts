/** Plain ASCII on one line: mail archives mangle everything else. */
export function ascii(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[^ -~]/gu, '?')
    .trim();
}

const ENDINGS = [' */', '()'];

/** Cuts a text to a width and marks the cut with `~`; the end of a call or a comment stays. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = ENDINGS.find((e) => text.endsWith(e) && width > 2 * e.length + 2) ?? '';
  const head = text.slice(0, Math.max(width - end.length - 1, 0)).trimEnd();
  return width > 0 ? `${head}~${end}` : '';
}

/**
 * A statement in ever shorter words: as it is, with the arguments of calls
 * reduced to their last member (`&kvm->mmu_lock` to `mmu_lock`), without
 * arguments, and without the structs that members are reached through.
 */
export function shorter(statement: string): string[] {
  const short = mapArguments(statement, lastMembers);
  const bare = mapArguments(short, () => '', ACCESSORS);
  const all = [statement, short, bare, COMPARISON.test(bare) ? bare : lastMembers(bare)];
  return all.filter((text, i) => i === 0 || text.length < all[i - 1]!.length);
}

/** The two sides may be the same member of different structs. */
const COMPARISON = / ([=!<>]=|[<>]) /;

/** What these are given is all they say. */
const ACCESSORS = new Set([
  'READ_ONCE',
  'WRITE_ONCE',
  'smp_load_acquire',
  'smp_store_release',
  'rcu_dereference',
  'rcu_assign_pointer',
]);

const MEMBER_PATH = /&?\b[A-Za-z_]\w*(?:\[\w*\])?(?:(?:->|\.)[A-Za-z_]\w*(?:\[\w*\])?)+/g;

function lastMembers(text: string): string {
  return text.replace(MEMBER_PATH, (path) => path.slice(path.search(/\w+(?:\[\w*\])?$/)));
}

/** Parentheses after these are not argument lists. */
const KEYWORDS = new Set(['if', 'while', 'for', 'switch', 'return', 'sizeof']);

function mapArguments(
  text: string,
  map: (args: string) => string,
  except: ReadonlySet<string> = new Set(),
): string {
  let result = '';
  let at = 0;
  for (const match of text.matchAll(/([A-Za-z_]\w*)\(/g)) {
    const open = match.index + match[0].length;
    const close = closing(text, open);
    const isKept = KEYWORDS.has(match[1]!) || except.has(match[1]!);
    if (match.index < at || close < 0 || isKept) continue;
    result += text.slice(at, open) + map(text.slice(open, close));
    at = close;
  }
  return result + text.slice(at);
}

/** Index of the parenthesis that closes the one before `open`, or -1. */
function closing(text: string, open: number): number {
  let depth = 1;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth === 0) return i;
  }
  return -1;
}
