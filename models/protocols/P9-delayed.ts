import { me_pagecache_clean_delayed } from '../flows/memory_failure.js';
import { protocol } from '../protocol.js';
import { P9 } from './P9.js';

/** Not guest_memfd's own, but what its MF_DELAYED comes to. */
export const P9delayed = protocol(P9, {
  id: 'P9+delayed',
  title: 'Linux 7.3 with "Fix MF_DELAYED handling on memory failure", v6',
  functions: { me_pagecache_clean: me_pagecache_clean_delayed },
});
