import { ERRNO } from '../src/errno.js';

/** Linux error numbers that the modelled functions return, negated as there. */
export const { ENOENT, EINTR, EIO, EBADF, ENOMEM, EFAULT, EEXIST, EINVAL, EFBIG, EOPNOTSUPP } =
  ERRNO;
