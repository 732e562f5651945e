import { ERRNO } from '../src/errno.js';

/** Linux error numbers that the modelled functions return, negated as there. */
export const {
  ENOENT,
  EINTR,
  EIO,
  ENXIO,
  EBADF,
  EAGAIN,
  ENOMEM,
  EFAULT,
  EBUSY,
  EEXIST,
  EINVAL,
  ENODEV,
  EFBIG,
  EOPNOTSUPP,
  EHWPOISON,
} = ERRNO;
