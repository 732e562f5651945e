import type { Mutation } from './mutation.js';
import { faults } from './mutations/faults.js';
import { holes } from './mutations/holes.js';
import { launch } from './mutations/launch.js';
import { pages } from './mutations/pages.js';
import { slots } from './mutations/slots.js';

/** Changes that must not go unnoticed: each is one lock, check, step or order. */
export const mutations: readonly Mutation[] = [...faults, ...pages, ...holes, ...slots, ...launch];
