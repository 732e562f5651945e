import type { Out } from './options.js';
export async function runShow(_flow: string, _args: object, _out: Out): Promise<number> {
  return 0;
}
