import { WIDTH, wrap } from '../report/wrap.js';
import type { Out } from './options.js';

/** Says something that ends nothing, in lines that fit a mail; no path is cut. */
export function say(err: Out, text: string): void {
  const indent = '  ';
  const longest = Math.max(...text.split(/\s+/).map((word) => word.length));
  const lines = wrap(text, '', indent, Math.max(WIDTH, indent.length + longest));
  err(`${lines.join('\n')}\n`);
}
