import type { Terminal } from './progress.js';

/** A stream that lines can be drawn on, if somebody looks at it; none in CI or a pipe. */
export function terminalOf(
  stream: Terminal & { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Terminal | undefined {
  const isInCi = env['CI'] !== undefined && !['', '0', 'false'].includes(env['CI']);
  const isSeen = stream.isTTY && stream.columns !== 0 && env['TERM'] !== 'dumb';
  return isSeen && !isInCi ? stream : undefined;
}
