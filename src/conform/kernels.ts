import type { Named } from '../check/named.js';
import { findProtocol } from '../check/protocols.js';
import { InputError } from '../core/errors.js';

/** Recorded kernels that the model has a protocol for, by version. */
const PROTOCOL_OF: Readonly<Record<string, string>> = { '6.12': '6.12', '7.3': 'P9' };

/** Kernel that is assumed where none is named. */
const USUAL = '6.12';

/** The protocol to compare a recording with. @throws InputError */
export async function protocolFor(
  kernel: string | undefined,
  protocol: string | undefined,
): Promise<Named> {
  if (protocol === undefined) return findProtocol(protocolOfKernel(kernel ?? USUAL));
  if (kernel !== undefined)
    throw new InputError('give either --kernel or --protocol: both name what to compare with');
  return findProtocol(protocol);
}

function protocolOfKernel(kernel: string): string {
  const series = /^\d+\.\d+/.exec(kernel)?.[0] ?? '';
  if (!Object.hasOwn(PROTOCOL_OF, series))
    throw new InputError(
      `the model has no protocol for kernel ${kernel.slice(0, 20)} yet: expected ` +
        `${Object.keys(PROTOCOL_OF).join(', ')}, or --protocol`,
    );
  return PROTOCOL_OF[series]!;
}
