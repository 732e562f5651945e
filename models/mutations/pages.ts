import { step } from '../../src/core/index.js';
import { prepareForAll } from '../protocols/P2.js';
import { answered, instead, later, without } from './edit.js';
import { by, type Mutation } from './mutation.js';

/** What gets a page, clears it and hands it to the firmware. */
export const pages: readonly Mutation[] = [
  {
    id: 'page-not-cleared',
    base: '6.12',
    why: 'kvm_gmem_prepare_folio() does not clear the page',
    change: (f) => ({
      kvm_gmem_prepare_folio: without(f.kvm_gmem_prepare_folio, ['clear_highpage']),
    }),
    caught: by('S17', 'fault-vs-punch'),
    except: ['P2', 'P8', 'P9'],
  },
  {
    id: 'uptodate-before-clear',
    base: 'P1',
    why: 'the folio is marked uptodate before it is cleared',
    change: (f) => ({ kvm_gmem_get_folio: later(f.kvm_gmem_get_folio, 'clear_highpage') }),
    caught: by('S17', 'fault-vs-punch-sw'),
    only: ['P1a', 'P2'],
  },
  {
    id: 'page-not-prepared',
    base: '6.12',
    why: 'kvm_gmem_prepare_folio() does not tell the firmware',
    change: (f) => ({
      kvm_gmem_prepare_folio: without(f.kvm_gmem_prepare_folio, ['__kvm_gmem_prepare_folio']),
    }),
    caught: by('S5', 'fault-vs-punch'),
    except: ['P2', 'P3'],
  },
  {
    id: 'preparation-error-ignored',
    base: '6.12',
    why: 'kvm_gmem_prepare_folio() goes on although the firmware refused',
    change: (f) => ({
      kvm_gmem_prepare_folio: answered(f.kvm_gmem_prepare_folio, '__kvm_gmem_prepare_folio', 0),
    }),
    caught: by('S5', 'allocate-fails'),
    except: ['P2', 'P3'],
  },
  {
    id: 'uptodate-before-prepared',
    base: '6.12',
    why: 'the folio is marked uptodate before the firmware is asked, and stays so',
    change: (f) => ({
      __kvm_gmem_prepare_folio: instead(
        f.__kvm_gmem_prepare_folio,
        function* (k, kvm, slot, index, folio) {
          yield* k.kvm_gmem_mark_prepared(folio);
          return yield* f.__kvm_gmem_prepare_folio(k, kvm, slot, index, folio);
        },
      ),
    }),
    caught: by('S5', 'prepare-fails'),
    except: ['P2', 'P3', 'P8', 'P9'],
  },
  {
    id: 'truncated-folio-not-noticed',
    base: '6.12',
    why: 'filemap_grab_folio() does not look whether the folio it waited for was truncated',
    change: (f) => ({ filemap_grab_folio: answered(f.filemap_grab_folio, 'folio_lock(folio)', 1) }),
    caught: by('S4', 'allocate-fails'),
  },
  {
    id: 'binding-not-compared',
    base: '6.12',
    why: '__kvm_gmem_get_pfn() does not compare the binding with the slot',
    change: (f) => ({
      __kvm_gmem_get_pfn: without(
        f.__kvm_gmem_get_pfn,
        ['xa_load(&gmem->bindings'],
        (k, _file, slot) => k.slots.indexOf(slot),
      ),
    }),
    caught: { equivalent: 'SRCU keeps a slot bound while a fault uses it; the kernel WARNs' },
  },
  {
    id: 'file-not-compared',
    base: '6.12',
    why: '__kvm_gmem_get_pfn() does not read slot->gmem.file again',
    change: (f) => ({
      __kvm_gmem_get_pfn: without(f.__kvm_gmem_get_pfn, ['file == READ_ONCE'], () => true),
    }),
    caught: { equivalent: 'the reference keeps the release from clearing the pointer' },
  },
  {
    id: 'fallocate-prepares',
    base: '6.12',
    why: 'fallocate() hands what it allocates to the firmware, as before b85524314a3d',
    change: (f) => ({
      kvm_gmem_get_folio: instead(f.kvm_gmem_get_folio, function* (k, inode, index, prepare) {
        const folio = yield* f.kvm_gmem_get_folio(k, inode, index, prepare);
        if (folio >= 0 && prepare) yield* prepareForAll(k, inode, index, k.folios[folio]!);
        return folio;
      }),
    }),
    caught: by('condition', 'prep-1-populate-after-allocate'),
  },
  {
    id: 'cleared-when-uptodate',
    base: '6.12',
    why: 'kvm_gmem_prepare_folio() clears the page when it is marked already',
    change: (f) => ({
      kvm_gmem_prepare_folio: later(f.kvm_gmem_prepare_folio, 'clear_highpage', 2),
    }),
    caught: by('S17', 'fault-vs-punch'),
    except: ['P2', 'P3', 'P8', 'P9'],
  },
  {
    id: 'assigned-to-the-first-gfn',
    base: '6.12',
    why: 'every page is handed to the firmware for the first gfn',
    change: (f) => ({
      __kvm_gmem_prepare_folio: answered(f.__kvm_gmem_prepare_folio, 'gfn = slot->base_gfn', 0),
    }),
    caught: by('S5', 'prep-7-prefault-prepares'),
    except: ['P2', 'P3'],
  },
  {
    id: 'page-not-cleared-in-7.0',
    base: 'P9',
    why: 'kvm_gmem_get_pfn() does not clear the page',
    change: (f) => ({ kvm_gmem_get_pfn: without(f.kvm_gmem_get_pfn, ['clear_highpage']) }),
    caught: by('S17', 'fault-vs-punch'),
    only: ['P8'],
  },
  {
    id: 'uptodate-before-clear-in-7.0',
    base: 'P9',
    why: 'kvm_gmem_get_pfn() marks the page before it clears it',
    change: (f) => ({ kvm_gmem_get_pfn: later(f.kvm_gmem_get_pfn, 'clear_highpage') }),
    caught: by('S17', 'fault-vs-punch'),
    only: ['P8'],
  },
  {
    id: 'preparation-left-out-in-7.0',
    base: 'P9',
    why: 'kvm_gmem_get_pfn() calls no hook',
    change: (f) => ({ kvm_gmem_get_pfn: without(f.kvm_gmem_get_pfn, ['kvm_gmem_prepare_folio']) }),
    caught: by('S5', 'fault-vs-punch'),
    only: ['P8'],
  },
  {
    id: 'poisoned-page-used',
    base: '6.12',
    why: '__kvm_gmem_get_pfn() does not look whether the folio is poisoned',
    change: (f) => ({
      __kvm_gmem_get_pfn: without(f.__kvm_gmem_get_pfn, ['folio_test_hwpoison']),
    }),
    caught: by('S18', 'memory-failure-vs-fault'),
    except: ['P1'],
  },
  {
    id: 'poisoned-page-not-unmapped',
    base: '6.12',
    why: 'kvm_gmem_error_folio() does not zap',
    change: (f) => ({
      kvm_gmem_error_folio: without(f.kvm_gmem_error_folio, [
        'kvm_gmem_invalidate_begin',
        'kvm_gmem_invalidate_end',
      ]),
    }),
    caught: by('S18', 'memory-failure-vs-fault'),
  },
  {
    id: 'failed-rmpupdate-leaks',
    base: '6.12',
    why: 'a page that RMPUPDATE cannot make shared is kept, as it is where populate gives it back',
    change: (f) => ({
      kvm_arch_gmem_invalidate: instead(f.kvm_arch_gmem_invalidate, function* (k, folio) {
        yield* f.kvm_arch_gmem_invalidate(k, folio);
        if (k.shape.rmpupdateFails)
          yield* step('snp_leak_pages()', () => {
            if (k.rmp[k.folios.indexOf(folio)]!.assigned) folio.refcount.shared += 1;
          });
      }),
    }),
    caught: { test: 'rmpupdate-fails', mends: 'at the price of the page' },
  },
];
