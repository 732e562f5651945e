/** Linux error numbers that the modelled functions return, negated as there. */
export const ENOENT = 2;
export const EINTR = 4;
export const EIO = 5;
export const EBADF = 9;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EFAULT = 14;
export const EEXIST = 17;
export const EINVAL = 22;
export const ENOTTY = 25;
export const EFBIG = 27;
export const EOPNOTSUPP = 95;
export const EHWPOISON = 133;
