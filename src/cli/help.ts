/** What stands below the options of commands: examples, exit statuses. */

export const HELP = `
Examples:
  $ gmemcheck check                            every committed test
  $ gmemcheck check fault-vs-punch --protocol P3  one test, one protocol
  $ gmemcheck check my-question.litmus         a question of your own
  $ gmemcheck check --strategy portfolio       sampled, not exhaustive
  $ gmemcheck litmus fault-vs-punch            in herd7's words
  $ gmemcheck claims PREP-6                    what a commit says, decided
  $ gmemcheck replay gmc1-...                  the run that a report cites
  $ gmemcheck show fallocate --protocol 6.12   the steps of a flow
  $ gmemcheck conform recording.jsonl          a recorded kernel
  $ gmemcheck init variant my-series.ts        a series of your own
  $ gmemcheck matrix upstream my-series.ts     and where it differs

Exit status: 0 all as expected, 1 not, 2 bad input, 3 undecided; ended by
a signal, 128 and its number. A search by contexts, a reduced or a sampled
one is not saved: it begins anew; finished tests are not answered again.`;

export const LITMUS_HELP = `
Examples:
  $ gmemcheck litmus fault-vs-punch            under the protocols it names
  $ gmemcheck litmus mine.litmus --protocol all  one line for each protocol

Final states are counted by what the condition looks at (all states, for
always and never); * marks those that satisfy it. Exit status: 0 as the file
expects, or Ok where it says nothing; 1 not; 2 bad input; 3 undecided.`;

export const CLAIMS_HELP = `
Examples:
  $ gmemcheck claims                 every claim, with its verdict
  $ gmemcheck claims PREP-6          one, with its counterexample
  $ gmemcheck claims PRIV-3 PRIV-5 --verbose
  $ gmemcheck claims --json          an array, one object for each claim

A verdict is worked out from the tests that a claim names: confirmed,
refuted, conditional (true under a condition that is given), answered (a
question). Exit status: 0 as on record, 1 not, 2 bad input, 3 undecided.`;

export const MATRIX_HELP = `
Examples:
  $ gmemcheck matrix 6.12 P9                     two versions
  $ gmemcheck matrix upstream ./my-series.ts     a series of your own
  $ gmemcheck matrix C1 C2 --tests conv-pinned conv-vs-punch --all

A cell is the verdict: holds, or the property that breaks and in how many
steps; - where the version has not got what the test needs. Exit status: 0
no verdict differs, 1 one does, 2 bad input, 3 undecided.`;

export const MUTATIONS_HELP = `
Examples:
  $ gmemcheck mutations                   the whole table
  $ gmemcheck mutations no-stale-check    one change, on every version
  $ gmemcheck check fault-vs-punch --protocol 6.12~no-stale-check

Exit status: 0 all are noticed as foretold, 1 not, 2 bad input.`;

export const FUZZ_HELP = `
Examples:
  $ gmemcheck fuzz --protocol P3              200 scenarios; what breaks is kept
  $ gmemcheck fuzz --corpus ci.litmus --runs 0  examples of others, and no more
  $ gmemcheck fuzz --sequences 3 --protocol 6.12 > ask.jsonl
                                              to be asked of a real kernel, too
  $ gmemcheck conform ask.jsonl               its answers against the model

Exit status: 0 nothing new, 1 something is, or an example still breaks; 2 bad
input.`;
