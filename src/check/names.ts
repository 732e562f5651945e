import { INVALID_COPY, isInvalidCopy } from '../../models/flows/memslots.js';
import { valueNames } from '../../models/names.js';
import type { ValueNames } from '../report/values.js';

/** Step that may come upon a slot's INVALID copy, which the model numbers as another slot. */
const LOOKUP = 'slot = gfn_to_memslot()';

/** The model's own names, and one for what is no slot of its own. */
export const reportNames: ValueNames = {
  ...valueNames,
  observed: (step) => {
    const { label, observed } = step;
    if (label === LOOKUP && isInvalidCopy(observed))
      return `= slot${observed - INVALID_COPY}, INVALID`;
    return valueNames.observed?.(step);
  },
};
