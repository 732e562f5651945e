import type { Out } from './options.js';
export async function runConform(_files: string[], _args: object, _out: Out): Promise<number> {
  return 0;
}
