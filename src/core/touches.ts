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
  /** Grows whenever something here does. */
  known = 0;

  constructor(
    private readonly cells: number,
    properties: number,
  ) {
    this.properties = Array.from({ length: properties }, () => new Footprint(cells).reads);
  }

  ofMove(move: number, touched: Footprint): void {
    const before = (this.moves[move] ??= new Footprint(this.cells));
    if (before.add(touched)) this.known++;
  }

  ofProperty(property: number, touched: Footprint): void {
    if (addBits(this.properties[property]!, touched.reads)) this.known++;
  }

  retriedTo(node: number): void {
    if (this.isRetried[node]) return;
    this.isRetried[node] = true;
    this.known++;
  }
}
