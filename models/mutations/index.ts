import type { Mutation } from './mutation.js';
import { conversion } from './conversion.js';
import { faults } from './faults.js';
import { holes } from './holes.js';
import { host } from './host.js';
import { launch } from './launch.js';
import { memfd } from './memfd.js';
import { pages } from './pages.js';
import { slots } from './slots.js';
import { tdx } from './tdx.js';
import { vms } from './vms.js';

/** Changes that must not go unnoticed: each is one lock, check, step or order. */
export const mutations: readonly Mutation[] = [
  ...memfd,
  ...faults,
  ...pages,
  ...holes,
  ...host,
  ...conversion,
  ...slots,
  ...launch,
  ...tdx,
  ...vms,
];
