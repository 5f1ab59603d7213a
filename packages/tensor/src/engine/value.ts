/**
 * Numbers that a program reads or writes, before they have an address: `fixed` once a program, `batch` for every sample
 * and there for the caller too, `sample` for every sample as long as a phase needs it, `thread` for one micro-batch at a
 * time, `slot` once a shard, and `sum` where the shards' slots are added up.
 */
export type Kind = 'fixed' | 'batch' | 'sample' | 'thread' | 'slot' | 'sum'

/** A stretch of memory that a program wants. */
export interface Buffer {
  readonly kind: Kind
  /** Of one sample for `batch` and `sample`, which lie one behind the other; else of all. */
  readonly bytes: number
}

/** A place in a buffer, in bytes from its start. */
export interface Ref {
  readonly buffer: Buffer
  readonly offset: number
}

/** Stands for the number of samples of the micro-batch at hand. */
export const COUNT = 'count'

/** An argument of a kernel as a layer writes it down: a number, an address, or the number of samples. */
export type Arg = number | Ref | typeof COUNT

/** How many axes torch has for a batch: rows of features [N,F], lines [N,C,L], or images [N,C,H,W]. */
export type Rank = 2 | 3 | 4

/**
 * A batch of images [C,H,W] between two kernels: channels last, one sample after the other.
 * Channel c of cell (h,w) is `h·row + w·cell + 4c` bytes from `ref`. A line is an image of one row. Features are an image of
 * 1 × 1, or an image that was flattened: they keep this order, and whoever reads them permutes its weights.
 */
export interface Value {
  readonly ref: Ref
  readonly C: number
  readonly H: number
  readonly W: number
  /** Bytes from one cell, row and sample to the next; a cell is C floats, or more. */
  readonly cell: number
  readonly row: number
  readonly image: number
  /** Cells of zeros before each row, and behind it. */
  readonly border: number
  /** Rows of zeros above the image, and below it. */
  readonly above: number
  /** How many axes torch has for it. */
  readonly rank: Rank
}

/** How a value is to lie in memory: what its reader wants. */
export interface Wish {
  border?: number
  /** As many as `border`. */
  above?: number
  /** A cell is a multiple of so many floats; 4. */
  align?: number
}

/** Where the block of a value starts, its border included. */
export function startOf({ ref, border, above, row, cell }: Value): Ref {
  return { ...ref, offset: ref.offset - above * row - border * cell }
}
