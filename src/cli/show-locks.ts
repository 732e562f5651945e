import { committedLockOrder } from '../check/lockorder.js';
import { findProtocol } from '../check/protocols.js';
import { renderLockOrder } from '../report/lockorder.js';
import { wrap } from '../report/wrap.js';
import { OK, type Out } from './options.js';

/** What `gmemcheck show` calls the lock order; no flow has this name. */
export const LOCKS = 'locks';

/** `gmemcheck show locks`: who nests in whom. @returns the exit status. @throws InputError */
export async function runShowLocks(
  args: { readonly protocol: string; readonly json?: boolean },
  out: Out,
): Promise<number> {
  const { protocol } = await findProtocol(args.protocol);
  const order = committedLockOrder(protocol);
  const head = wrap(`lock order under ${protocol.id}: ${protocol.title}`);
  out(
    args.json
      ? `${JSON.stringify(order, null, 2)}\n`
      : `${[...head, ...renderLockOrder(order)].join('\n')}\n`,
  );
  return OK;
}
