import { ExactTouches } from './exact.js';
import { addBits, Footprint } from './footprint.js';

/**
 * What the search has learnt of which cells matter to whom: the union, over all
 * memories met so far, of what each move and each property touched.
 */
export class TouchTable {
  /** Per move number; undefined while the move was never tried. */
  readonly moves: (Footprint | undefined)[] = [];
  /** Cells that each property reads. */
  readonly properties: Int32Array[];
  /** Per node: has a restarted frame led to it? Every cycle passes such a node. */
  readonly isRetried: boolean[] = [];
  /** Number of nodes that are retried, and of cells that properties read. */
  retried = 0;
  seen = 0;
  /** Per memory as well, once somebody asks for it. */
  exact: ExactTouches | undefined;

  constructor(
    private readonly cells: number,
    properties: number,
  ) {
    this.properties = Array.from({ length: properties }, () => new Footprint(cells).reads);
  }

  /** From now on remembers what was touched in each memory. */
  keepExact(): ExactTouches {
    return (this.exact ??= new ExactTouches(new Footprint(this.cells), this.properties.length));
  }

  ofMove(memory: number, move: number, touched: Footprint): void {
    (this.moves[move] ??= new Footprint(this.cells)).add(touched);
    this.exact?.setMove(memory, move, touched);
  }

  ofProperty(memory: number, property: number, touched: Footprint): void {
    if (addBits(this.properties[property]!, touched.reads)) this.seen++;
    this.exact?.setProperty(memory, property, touched);
  }

  retriedTo(node: number): void {
    if (this.isRetried[node]) return;
    this.isRetried[node] = true;
    this.retried++;
  }
}
