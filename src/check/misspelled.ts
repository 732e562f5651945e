import { protocols, upstream } from '../../models/protocols/index.js';
import { InputError } from '../core/errors.js';
import type { Expectation } from '../litmus/ast.js';
import { at } from '../litmus/parse.js';
import { slip } from '../nearest.js';
import { mutantNamed } from './mutations/tried.js';

/**
 * Refuses `expect` lines that name no version and nearly name one. What is far from all is a
 * variant's name, which only the variant's file can tell.
 * @param variants ids of the variants that are at hand
 * @throws InputError with the place
 */
export function refuseMisspelled(
  { file, expectations }: { readonly file: string; readonly expectations: readonly Expectation[] },
  variants: readonly string[] = [],
): void {
  const ids = protocols.map((p) => p.id);
  const known = [...ids, ...variants];
  for (const { text, at: position } of expectations.flatMap((e) => e.protocols)) {
    if (known.includes(text) || (text.includes('~') && mutantNamed(text))) continue;
    const where = at(file, position);
    if (text === 'upstream')
      throw new InputError(
        `${where}: 'upstream' moves on: expected the version that is meant, ${upstream.id} today`,
      );
    const [version, mutation] = text.split('~');
    if (mutation !== undefined && ids.includes(version!))
      throw new InputError(`${where}: no mutation '${mutation}'; see 'gmemcheck mutations'`);
    const meant = slip(text, known);
    if (meant !== undefined)
      throw new InputError(`${where}: no protocol '${text}'; did you mean '${meant}'?`);
  }
}
