/** Lines of a test are no longer than this, where they can be broken. */
const WIDTH = 100;

const COMMENT = /\(\*[^]*?\*\)/g;
const TOKEN = /"[^"]*"|->|\/\\|\\\/|[!<>]=|[=<>()~:@[\],;]|-?[A-Za-z0-9_]+(?:[-.+][A-Za-z0-9_]+)*/g;

/** Text in white space of one width, without comments. */
export const plainText = (text: string): string =>
  text.replace(COMMENT, ' ').replace(/\s+/g, ' ').trim();

/** A check, a condition or an expectation in the usual spacing. */
export function clauseLines(text: string): string[] {
  const plain = plainText(text);
  if (plain.startsWith('expect')) return [plain.replace(/\s*:\s*/, ': ').replace(/\s*,\s*/g, ', ')];
  if (plain.startsWith('check')) return [plain.replace(/\s*;$/, '')];
  return broken(spaced(withoutComments(text).match(TOKEN) ?? []));
}

/** Comments may hold quotes, and quotes what looks like a comment. */
const withoutComments = (text: string): string =>
  text.replace(/"[^"]*"|\(\*[^]*?\*\)/g, (part) => (part.startsWith('"') ? part : ' '));

const OPEN = new Set(['(', '[', '~', '=', '!=', '<', '>', '<=', '>=', ':', '@']);
const CLOSE = new Set([')', ']', '[', '=', '!=', '<', '>', '<=', '>=', ':', '@', ',']);

function spaced(tokens: readonly string[]): string {
  return tokens.reduce((line, token, i) => {
    const before = tokens[i - 1];
    const isTight = before === undefined || OPEN.has(before) || CLOSE.has(token);
    return `${line}${isTight ? '' : ' '}${token}`;
  }, '');
}

/** Too long a line is broken before what joins its parts. */
function broken(line: string): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > WIDTH) {
    const at = Math.max(...[' /\\ ', ' \\/ ', ' -> '].map((j) => rest.lastIndexOf(j, WIDTH - 4)));
    if (at <= 4) break;
    lines.push(rest.slice(0, at + 3));
    rest = `  ${rest.slice(at + 4)}`;
  }
  return [...lines, rest];
}
