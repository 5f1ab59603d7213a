import type { Tensor } from '../tensor.ts'
import { type Arg, type Call, COUNT, type Program, type Ref, shardsOf } from './program.ts'

/**
 * A batch of images [C,H,W] between two kernels: channels last, one sample after the other, in a thread's scratch.
 * Channel c of cell (h,w) is `h·row + w·cell + 4c` bytes from `ref`. A flat sample is an image of 1 × 1, or an image
 * that was flattened: its features keep this order, and whoever reads them permutes its weights.
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
  /** Cells of zeros around the image. */
  readonly border: number
  /** True when torch has it as one axis of C·H·W features. */
  readonly flat: boolean
  /** Whether anything before it wants its gradient. */
  readonly wanted: boolean
}

/** How a value is to lie in memory: what its reader wants. */
export interface Wish {
  border?: number
  /** A cell is a multiple of so many floats; 4. */
  align?: number
}

/** A step of the way back: from the gradient of what a layer gave to the gradient of what it read. */
export type Backward = (dy: Value) => Value | null

/** Floats that are written once into the program's block, or read from there by whoever runs it. */
export interface Cell {
  readonly ref: Ref
  readonly length: number
}

const up = (value: number, unit: number): number => Math.ceil(value / unit) * unit

function inOrder(map: Int32Array): boolean {
  return map.every((from, i) => from === i)
}

/** Writes a network down as a {@link Program}: layers call it, in order, with the kernels they want. */
export class Compiler {
  readonly micro: number
  readonly samples: number
  /** False for evaluation: nothing is kept for a way back. */
  readonly training: boolean
  readonly parameters: { tensor: Tensor; ref: Ref }[] = []
  readonly gradients: { tensor: Tensor; ref: Ref }[] = []
  readonly tables: { ref: Ref; values: Int32Array }[] = []
  /** What the caller's thread does before each batch: random masks, for all samples at once. */
  readonly beforeBatch: ((memory: ArrayBufferLike, fixed: number) => void)[] = []
  /** Which kernel each layer got, in the layer's own words. */
  readonly notes: Map<object, string> = new Map()
  readonly #bytes = { fixed: 64, scratch: 64, slot: 64 }
  readonly #prepare: Call[] = []
  readonly #body: Call[] = []
  readonly #finish: [Ref, Ref, Ref, number][] = []
  readonly #backward: Backward[] = []

  constructor(samples: number, micro: number, training: boolean) {
    this.samples = samples
    this.micro = Math.max(1, Math.min(micro, samples))
    this.training = training
  }

  /** `bytes` of one space, for all samples of the batch when `stride` says how far apart they are. */
  take(space: Ref['space'], bytes: number, stride = 0): Ref {
    // A kernel may read one vector beyond what it needs.
    const offset = this.#bytes[space]
    this.#bytes[space] += up(bytes + 64, 64)
    return { space, offset, stride }
  }

  /** Numbers that a kernel reads and nobody changes: sizes, tables. */
  table(values: readonly number[] | Int32Array): Ref {
    const ref = this.take('fixed', values.length * 4)
    this.tables.push({ ref, values: Int32Array.from(values) })
    return ref
  }

  /** A new image in scratch, its border and padded channels 0. */
  image(
    C: number,
    H: number,
    W: number,
    { border = 0, align = 4 }: Wish,
    wanted = true,
    flat = false,
  ): Value {
    const cell = up(C, align) * 4
    const row = (W + 2 * border) * cell
    const image = up((H + 2 * border) * row, 16)
    const { space, offset } = this.take('scratch', image * this.micro)
    const ref: Ref = { space, offset: offset + border * (row + cell), stride: 0 }
    return { ref, C, H, W, cell, row, image, border, flat, wanted }
  }

  /** Says which kernel a layer got. */
  note(layer: object, kernel: string): void {
    this.notes.set(layer, kernel)
  }

  /** Runs a kernel on each micro-batch; `count` stands for its number of samples. */
  call(kernel: string, ...args: Arg[]): void {
    this.#body.push({ kernel, args })
  }

  /**
   * A parameter in a kernel's layout: float i is element `map[i]` of the tensor, 0 where the map has −1. Where that is
   * torch's layout nothing is copied.
   */
  parameter(tensor: Tensor, map: Int32Array): Ref {
    const raw = this.parameters.find((known) => known.tensor === tensor)?.ref ?? this.#raw(tensor)
    if (inOrder(map)) return raw
    const packed = this.take('fixed', map.length * 4)
    this.#prepare.push({ kernel: 'tensor/gather', args: [packed, raw, this.table(map), map.length] })
    return packed
  }

  /** Runs a kernel once per batch, before the first micro-batch. */
  prepare(kernel: string, ...args: Arg[]): void {
    this.#prepare.push({ kernel, args })
  }

  #raw(tensor: Tensor): Ref {
    const ref = this.take('fixed', tensor.data.length * 4)
    this.parameters.push({ tensor, ref })
    return ref
  }

  /** Room for a parameter's gradient, `length` floats a shard; element i is float `map[i]` of it. */
  gradient(tensor: Tensor, length: number, map: Int32Array): Ref {
    const slot = this.take('slot', length * 4)
    // What lies as torch has it stays where the slots are added up: `program()` knows where that is.
    const ref = inOrder(map) ? slot : this.take('fixed', tensor.data.length * 4)
    this.gradients.push({ tensor, ref })
    if (ref !== slot) this.#finish.push([ref, slot, this.table(map), map.length])
    return slot
  }

  /** Adds the way back of what was just written down. */
  backward(step: Backward): void {
    this.#backward.push(step)
  }

  /** Writes down the way back, last step first, from the gradient of the last value. */
  return(gradient: Value): Value | null {
    let dy: Value | null = gradient
    for (let step = this.#backward.pop(); step !== undefined && dy !== null; step = this.#backward.pop())
      dy = step(dy)
    return dy
  }

  /** `value`, or a copy of it that has the cells of `like` and at least its border, and its rows where they are given. */
  fit(value: Value, like: { cell?: number; border: number; row?: number }): Value {
    const cell = like.cell ?? value.cell
    const exact = like.row === undefined || like.row === value.row
    if (value.cell === cell && value.border >= like.border && exact) return value
    const copy = this.image(
      value.C,
      value.H,
      value.W,
      { border: like.border, align: cell / 4 },
      value.wanted,
      value.flat,
    )
    this.copy(value, copy)
    return copy
  }

  /** Where the block of a value starts, its border included. */
  start({ ref, border, row, cell }: Value): Ref {
    return { ...ref, offset: ref.offset - border * (row + cell) }
  }

  /** Copies the cells of one image into another, whose cells may be of another size. */
  copy(from: Value, to: Value): void {
    const { C, H, W } = from
    if (from.cell === to.cell) {
      const sizes = [H, W * from.cell, from.row, to.row, from.image, to.image]
      this.call('tensor/copy_rows', from.ref, to.ref, COUNT, ...sizes)
      return
    }
    const flat = this.take('scratch', C * H * W * 4 * this.micro)
    this.call('tensor/image_out', from.ref, flat, COUNT, C, H, W, from.cell, from.row, from.image)
    this.call('tensor/image_in', flat, to.ref, COUNT, C, H, W, to.cell, to.row, to.image)
  }

  /** Images [N,C,H,W] that the caller writes into the program's block, and their micro-batch in scratch. */
  input(
    C: number,
    H: number,
    W: number,
    wish: Wish,
    wanted: boolean,
    flat: boolean,
  ): { cells: Cell; value: Value } {
    const size = C * H * W
    const ref = this.take('fixed', size * 4 * this.samples, size * 4)
    const value = this.image(C, H, W, wish, wanted, flat)
    this.call('tensor/image_in', ref, value.ref, COUNT, C, H, W, value.cell, value.row, value.image)
    return { cells: { ref, length: size * this.samples }, value }
  }

  /** [N,C,H,W] of a value in the program's block, for the caller to read. */
  output({ ref, C, H, W, cell, row, image }: Value): Cell {
    const size = C * H * W
    const out = this.take('fixed', size * 4 * this.samples, size * 4)
    this.call('tensor/image_out', ref, out, COUNT, C, H, W, cell, row, image)
    return { ref: out, length: size * this.samples }
  }

  /** All that was written down. */
  program(): Program & { readonly sum: Ref } {
    const sum = this.take('fixed', this.#bytes.slot)
    const inSum = ({ offset }: Ref): Ref => ({ space: 'fixed', offset: sum.offset + offset, stride: 0 })
    for (const gradient of this.gradients) {
      if (gradient.ref.space === 'slot') gradient.ref = inSum(gradient.ref)
    }
    const finish = this.#finish.map(
      ([to, slot, map, length]): Call => ({ kernel: 'tensor/gather', args: [to, inSum(slot), map, length] }),
    )
    const { fixed, scratch, slot } = this.#bytes
    return {
      samples: this.samples,
      shards: shardsOf(this.samples, slot),
      micro: this.micro,
      bytes: { fixed, scratch, slot },
      prepare: this.#prepare,
      begin: [{ kernel: 'tensor/clear', args: [{ space: 'slot', offset: 0, stride: 0 }, 1, slot] }],
      body: this.#body,
      finish,
      sum,
    }
  }
}
