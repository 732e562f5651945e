import type { Mutation } from './mutation.js';
import { between } from './between.js';
import { conversion } from './conversion.js';
import { conversionOrder } from './conversion-order.js';
import { conversionTdx } from './conversion-tdx.js';
import { faults } from './faults.js';
import { huge } from './huge.js';
import { hugeCache } from './huge-cache.js';
import { holes } from './holes.js';
import { host } from './host.js';
import { installs } from './installs.js';
import { invalidation } from './invalidation.js';
import { launch } from './launch.js';
import { memfd } from './memfd.js';
import { modes } from './modes.js';
import { notifier } from './notifier.js';
import { pages } from './pages.js';
import { postings } from './postings.js';
import { progress } from './progress.js';
import { readonlySlots } from './readonly.js';
import { slots } from './slots.js';
import { tdx } from './tdx.js';
import { thp } from './thp.js';
import { tlb } from './tlb.js';
import { truncation } from './truncation.js';
import { vms } from './vms.js';

/** Changes that must not go unnoticed: each is one lock, check, step or order. */
export const mutations: readonly Mutation[] = [
  ...memfd,
  ...faults,
  ...installs,
  ...pages,
  ...between,
  ...holes,
  ...invalidation,
  ...truncation,
  ...host,
  ...conversion,
  ...conversionOrder,
  ...conversionTdx,
  ...slots,
  ...launch,
  ...modes,
  ...notifier,
  ...postings,
  ...readonlySlots,
  ...tdx,
  ...progress,
  ...tlb,
  ...vms,
  ...huge,
  ...hugeCache,
  ...thp,
];
