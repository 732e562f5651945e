/** A comment, and where it stands. */
export interface Comment {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** The comments of a file; what stands between quotes is none. */
export function commentsIn(text: string): Comment[] {
  const comments: Comment[] = [];
  for (const { 0: part, index } of text.matchAll(/"[^"]*"|\(\*[^]*?\*\)/g))
    if (part.startsWith('('))
      comments.push({
        start: index,
        end: index + part.length,
        lines: part.split('\n').map((line) => line.trimEnd()),
      });
  return comments;
}
