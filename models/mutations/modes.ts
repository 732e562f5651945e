import { step, test } from '../../src/core/index.js';
import { EOPNOTSUPP } from '../errno.js';
import { answered, given, instead } from './edit.js';
import { by, type Mutation } from './mutation.js';

/** What a vCPU's state, and the VM's, say of KVM_PRE_FAULT_MEMORY. */
export const modes: readonly Mutation[] = [
  {
    id: 'prefault-on-shadow-mmu',
    base: '6.12',
    why: 'kvm_tdp_map_page() does not ask which MMU the vCPU is on',
    change: (f) => ({
      kvm_tdp_map_page: answered(f.kvm_tdp_map_page, 'vcpu->arch.mmu->page_fault', true),
    }),
    caught: by('condition', 'prefault-nested'),
  },
  {
    id: 'prefault-not-in-guest-mode',
    base: '6.12',
    why: 'kvm_tdp_map_page() refuses whenever the vCPU is in guest mode',
    change: (f) => ({
      kvm_tdp_map_page: instead(f.kvm_tdp_map_page, function* (k, vcpu, gfn, isPrivate) {
        const refused = yield* test('is_guest_mode(vcpu)', () =>
          k.shape.modes?.[k.vcpus.indexOf(vcpu)]?.startsWith('nested') === true);
        return refused ? -EOPNOTSUPP : yield* f.kvm_tdp_map_page(k, vcpu, gfn, isPrivate);
      }),
    }),
    caught: {
      test: 'prefault-nested-no-tdp',
      mends: 'condition: no vCPU with a nested guest is pre-faulted for',
    },
  },
  {
    id: 'slots-of-one-address-space',
    base: '6.12',
    why: 'a vCPU in SMM looks its gfns up in the ordinary slots',
    change: (f) => ({
      gfn_to_memslot: given(f.gfn_to_memslot, (k, kvm, gfn) => [k, kvm, gfn]),
    }),
    caught: by('condition', 'prefault-smm'),
  },
  {
    id: 'capability-of-none',
    base: '6.12',
    why: 'KVM_CAP_PRE_FAULT_MEMORY is 1, with two-dimensional paging or without',
    change: (f) => ({
      kvm_vm_ioctl_check_extension: answered(f.kvm_vm_ioctl_check_extension, 'r = tdp_enabled', 1),
    }),
    caught: by('condition', 'prefault-capability-shadow'),
  },
  {
    id: 'capability-of-the-vm',
    base: '6.12',
    why: 'KVM_CAP_PRE_FAULT_MEMORY is 0 for a VM that does not allow pre-faults',
    change: (f) => ({
      kvm_vm_ioctl_check_extension: instead(f.kvm_vm_ioctl_check_extension, function* (k, kvm) {
        const allowed = yield* step('kvm->arch.pre_fault_allowed', () =>
          Number(kvm.pre_fault_allowed),
        );
        return allowed ? yield* f.kvm_vm_ioctl_check_extension(k, kvm) : 0;
      }),
    }),
    caught: {
      test: 'prefault-capability-launch',
      mends: 'condition: what refuses pre-faults says so',
    },
    except: ['P2'],
  },
];
