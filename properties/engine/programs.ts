/** Small random programs: what they are, how they are drawn, and the machines that run them. */
export { CELLS, LOCKS, mayRecurse, type Program, type Statement } from './programs/program.js';
export { counting, programs, queueing, restless, skirmishes } from './programs/drawn.js';
export { machineOf, tinyOf } from './programs/machine.js';
