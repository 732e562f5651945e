import { EngineError } from '../../core/errors.js';
import { litmusGrammar } from '../grammar.js';
import { parseLitmus } from '../parse.js';
import { semantics } from '../words.js';
import { commentsIn, type Comment } from './comments.js';
import { plainText } from './clause.js';
import './pieces.js';
import type { Piece } from './pieces.js';

/** Lines are no longer than this, where they can be broken. */
const WIDTH = 100;

/**
 * A litmus file in its usual form: columns aligned, one space where there was
 * some, comments before or behind what they stood before or behind.
 * @throws InputError where it is no litmus file
 */
export function formatLitmus(text: string, file: string): string {
  parseLitmus(text, file);
  const clean = text.replace(/\r\n?/g, '\n');
  const pieces = semantics(litmusGrammar.match(clean, 'File'))['pieces']() as Piece[];
  const comments = commentsIn(clean);
  const lines = new Layout(clean, comments).of(pieces);
  const formatted = `${lines.join('\n')}\n`;
  if (essence(formatted) !== essence(clean))
    throw new EngineError(`${file}: formatting would change what it says`);
  return formatted;
}

/** All but white space, comments last: they may have moved out of a clause. */
function essence(text: string): string {
  const comments = commentsIn(text).map((c) => c.lines.join(' ').replace(/\s/g, ''));
  return `${plainText(text).replace(/\s|;/g, '')}${comments.toSorted().join('')}`;
}

/** Puts pieces and comments on lines. */
class Layout {
  private readonly lines: string[] = [];
  private next = 0;
  /** Where what was put last ended. */
  private end = 0;

  constructor(
    private readonly text: string,
    private readonly comments: readonly Comment[],
  ) {}

  of(pieces: readonly Piece[]): string[] {
    for (let i = 0; i < pieces.length;) {
      const group = this.groupAt(pieces, i);
      if (group.length > 1 && !this.hasComment(group)) this.putJoined(group);
      else for (const piece of group) this.putApart(piece);
      i += group.length;
    }
    this.putComments(Infinity);
    return this.lines;
  }

  /** Braces and what is in them, or one piece. */
  private groupAt(pieces: readonly Piece[], from: number): Piece[] {
    const { within } = pieces[from]!;
    if (!within) return [pieces[from]!];
    const length = pieces.slice(from).findIndex((p) => p.within !== within);
    return pieces.slice(from, length < 0 ? undefined : from + length);
  }

  private hasComment(group: readonly Piece[]): boolean {
    const [from, to] = [group[0]!.start, group.at(-1)!.end];
    return this.comments.some((c) => from < c.start && c.end < to);
  }

  private putJoined(group: readonly Piece[]): void {
    this.putComments(group[0]!.start);
    this.putSpace(group[0]!.start);
    const words = group.map((p) => p.lines[0]!);
    const isLong = words.join(' ').length > WIDTH || (words[0] !== '{' && words.length > 3);
    if (!isLong) this.lines.push(words.length > 2 ? words.join(' ') : words.join(''));
    else {
      const { lines, open } = packed(words.slice(1, -1), words[0] === '{');
      this.lines.push(words[0]!, ...lines, open);
    }
    this.end = group.at(-1)!.end;
  }

  private putApart(piece: Piece): void {
    const isMember = piece.within && !['{', 'with {', '}'].includes(piece.lines[0]!);
    const indent = isMember ? '  ' : '';
    const inner = piece.within && piece.lines[0] === '}' ? '  ' : indent;
    this.putComments(piece.end, inner, piece.start);
    this.putSpace(piece.start);
    for (const line of piece.lines) this.lines.push(`${indent}${line}`);
    this.end = piece.end;
  }

  /** Comments that begin before a place; those on the line of what was before stay there. */
  private putComments(before: number, indent = '', pieceAt = before): void {
    for (; this.next < this.comments.length; this.next++) {
      const comment = this.comments[this.next]!;
      if (comment.start >= before) return;
      const gap = this.text.slice(this.end, Math.max(this.end, comment.start));
      const isBehind = this.end > 0 && comment.start < pieceAt && !gap.includes('\n');
      if (isBehind && comment.lines.length === 1)
        this.lines.push(`${this.lines.pop()!} ${comment.lines[0]}`);
      else {
        this.putSpace(comment.start);
        const [first, ...more] = comment.lines;
        this.lines.push(`${indent}${first}`, ...more);
      }
      this.end = Math.max(this.end, comment.end);
    }
  }

  /** One empty line is kept where there was any. */
  private putSpace(start: number): void {
    const gap = this.text.slice(this.end, Math.max(this.end, start));
    if (this.end > 0 && /\n\s*\n/.test(gap)) this.lines.push('');
  }
}

function packed(words: readonly string[], isDense: boolean): { lines: string[]; open: string } {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (isDense && last !== undefined && last.length + 1 + word.length <= WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`  ${word}`);
  }
  return { lines, open: '}' };
}
