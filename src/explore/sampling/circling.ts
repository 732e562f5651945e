import type { Walk } from './walk.js';

/**
 * Notices an actor that goes in circles: one that is back in a state that it
 * has been in since somebody else moved. What it waits for must come from the
 * others. Brent's way of finding cycles (BIT 20, 1980): one remembered state,
 * replaced whenever the steps in a row have doubled.
 */
export class Circling {
  private actor = -1;
  private inARow = 0;
  private memory = -1;
  private node = -1;

  begin(): void {
    this.actor = -1;
  }

  /** To be told of every step. Is the actor back where it has been? */
  isBack(walk: Walk, actor: number): boolean {
    const node = walk.nodes[actor]!;
    if (actor !== this.actor) {
      this.actor = actor;
      this.inARow = 0;
    } else if (walk.memory === this.memory && node === this.node) return true;
    this.inARow++;
    if ((this.inARow & (this.inARow - 1)) === 0) {
      this.memory = walk.memory;
      this.node = node;
    }
    return false;
  }
}
