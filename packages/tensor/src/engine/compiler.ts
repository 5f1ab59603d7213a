import { sameShape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { Tape } from './tape.ts'
import {
  type Arg,
  type Buffer,
  COUNT,
  type Kind,
  type Rank,
  type Ref,
  startOf,
  type Value,
  type Wish,
} from './value.ts'
import type { Cells, Draw, Gradient, Item, WrittenCall } from './written.ts'

const up = (value: number, unit: number): number => Math.ceil(value / unit) * unit

function inOrder(map: Int32Array): boolean {
  return map.every((from, i) => from === i)
}

const sameMap = (a: Int32Array, b: Int32Array): boolean =>
  a.length === b.length && a.every((from, i) => from === b[i])

/**
 * Writes a network down: layers call it, in order, with the kernels they want. What they write becomes a program by
 * `link` (`link.ts`).
 */
export class Compiler {
  readonly samples: number
  readonly micro: number
  /** Of a batch that is small, fewer shards cost less than they save. */
  mostShards: number = Infinity
  /** False where there is no way back: nothing is kept for it. */
  readonly returns: boolean
  /** The lists of calls by name: each is run as a whole, or with others. */
  readonly lists: Map<string, Item[]> = new Map()
  readonly prepared: WrittenCall[] = []
  readonly buffers: Buffer[] = []
  readonly parameters: { readonly tensor: Tensor; readonly buffer: Buffer }[] = []
  readonly gradients: Gradient[] = []
  readonly tables: { readonly buffer: Buffer; readonly values: Int32Array }[] = []
  readonly draws: Draw[] = []
  /** What has to be as it was for the program to be right: each answers whether it is. */
  readonly guards: (() => boolean)[] = []
  /** The layers that were written down, in order. */
  readonly members: object[] = []
  /** Which kernel each layer got, in the layer's own words. */
  readonly notes: Map<object, string> = new Map()
  /** Which layer wrote a call down, or took a buffer; those that join layers have none. */
  readonly writers: Map<WrittenCall | Buffer, object> = new Map()
  readonly #tape = new Tape()
  readonly #packed: { tensor: Tensor; map: Int32Array; ref: Ref }[] = []
  /** Where the slots of each are added up. */
  readonly sums: Map<Buffer, Buffer> = new Map()
  #list: Item[] = []
  #writer: object | null = null
  /** The gradients that the list at hand has asked for. */
  #asked: Gradient[] = []

  constructor(samples: number, micro: number, returns: boolean) {
    this.samples = samples
    this.micro = Math.max(1, Math.min(micro, samples))
    this.returns = returns
    this.list('forward')
  }

  /** Begins another list. */
  list(name: string): void {
    this.#list = []
    this.#asked = []
    this.lists.set(name, this.#list)
  }

  /** What `write` writes down is a layer's, and the way back of it too. */
  as<T>(layer: object | null, write: () => T): T {
    const before = this.#writer
    this.#writer = layer
    const made = write()
    this.#writer = before
    return made
  }

  #own<T extends WrittenCall | Buffer>(made: T): T {
    if (this.#writer !== null) this.writers.set(made, this.#writer)
    return made
  }

  /** A new buffer of `bytes`; for `batch` and `sample` those of one sample. */
  take(kind: Kind, bytes: number): Ref {
    const buffer = this.#own({ kind, bytes })
    this.buffers.push(buffer)
    return { buffer, offset: 0 }
  }

  /** Numbers that a kernel reads and nobody changes: sizes, tables. */
  table(values: readonly number[] | Int32Array): Ref {
    const ref = this.take('fixed', values.length * 4)
    this.tables.push({ buffer: ref.buffer, values: Int32Array.from(values) })
    return ref
  }

  /** A new image, its border and padded channels 0. */
  image(C: number, H: number, W: number, wish: Wish, rank: Rank = 4): Value {
    const { border = 0, above = border, align = 4 } = wish
    const cell = up(C, align) * 4
    const row = (W + 2 * border) * cell
    const image = up((H + 2 * above) * row, 16)
    const { buffer } = this.take('sample', image)
    const ref = { buffer, offset: above * row + border * cell }
    return { ref, C, H, W, cell, row, image, border, above, rank }
  }

  /** An image that is laid out as another. */
  like({ C, H, W, border, above, cell, rank }: Value): Value {
    return this.image(C, H, W, { border, above, align: cell / 4 }, rank)
  }

  /** An image for what the next call makes of `value`, element by element: where `value` lies if nobody reads that again. */
  inPlaceOf(value: Value): Value {
    const { ref, ...rest } = value
    const { buffer } = this.take('sample', ref.buffer.bytes)
    this.#list.push({ kind: 'in place', from: ref.buffer, into: buffer })
    return { ref: { buffer, offset: ref.offset }, ...rest }
  }

  /** Says which kernel a layer got. */
  note(layer: object, kernel: string): void {
    this.notes.set(layer, kernel)
  }

  /** Runs a kernel on each micro-batch; `COUNT` stands for its number of samples. */
  call(kernel: string, ...args: Arg[]): void {
    this.#list.push({ kind: 'call', call: this.#own({ kernel, args }) })
  }

  /**
   * Ends a phase: what follows begins when all samples have come so far. In between the slots are added up, and `calls` are
   * run once, on the calling thread.
   */
  endPhase(...calls: WrittenCall[]): void {
    this.#list.push({ kind: 'end', calls: calls.map((call) => this.#own(call)) })
  }

  /** `bytes` that each shard adds to, set to 0 as a phase begins, and where they are added up when it ends. */
  partial(bytes: number): { slot: Ref; sum: Ref } {
    const slot = this.take('slot', up(bytes, 16))
    const sum = this.take('sum', slot.buffer.bytes)
    this.sums.set(slot.buffer, sum.buffer)
    return { slot, sum }
  }

  /** Whether `requiresGrad` of a parameter asks for its gradient; a program is for the one answer. */
  trains(tensor: Tensor): boolean {
    const { requiresGrad } = tensor
    this.guards.push(() => tensor.requiresGrad === requiresGrad)
    return requiresGrad
  }

  /**
   * A parameter in a kernel's layout: float i is element `map[i]` of the tensor, 0 where the map has −1. Where that is
   * torch's layout nothing is copied.
   */
  parameter(tensor: Tensor, map: Int32Array): Ref {
    const raw = this.#raw(tensor)
    if (inOrder(map)) return raw
    const known = this.#packed.find((one) => one.tensor === tensor && sameMap(one.map, map))
    if (known !== undefined) return known.ref
    const ref = this.take('fixed', map.length * 4)
    this.#packed.push({ tensor, map, ref })
    this.prepare('tensor/gather', ref, raw, this.table(map), map.length)
    return ref
  }

  /** Runs a kernel once per batch, before the first micro-batch. */
  prepare(kernel: string, ...args: Arg[]): void {
    this.prepared.push(this.#own({ kernel, args }))
  }

  #raw(tensor: Tensor): Ref {
    const known = this.parameters.find((one) => one.tensor === tensor)
    if (known !== undefined) return { buffer: known.buffer, offset: 0 }
    const ref = this.take('fixed', tensor.data.length * 4)
    this.parameters.push({ tensor, buffer: ref.buffer })
    return ref
  }

  /** Room for a parameter's gradient, `length` floats a shard; element i is float `map[i]` of it. */
  gradient(tensor: Tensor, length: number, map: Int32Array): Ref {
    const nth = this.#asked.filter((one) => one.tensor === tensor).length
    const known = this.gradients.filter((one) => one.tensor === tensor)[nth]
    const gradient = known ?? this.#newGradient(tensor, length, map)
    this.#asked.push(gradient)
    return { buffer: gradient.slot, offset: 0 }
  }

  #newGradient(tensor: Tensor, length: number, map: Int32Array): Gradient {
    const { slot } = this.partial(length * 4)
    const to = inOrder(map) ? null : this.take('fixed', tensor.data.length * 4)
    const gathered = to && { to: to.buffer, map: this.table(map), length: map.length }
    const gradient = { tensor, slot: slot.buffer, gathered }
    this.gradients.push(gradient)
    return gradient
  }

  /**
   * Adds the way back of what was just written down: `back` gives the gradients of what was read from that of `to`.
   * `trains` are the parameters that it gives gradients to.
   */
  backward(
    from: Value | readonly Value[],
    to: Value,
    trains: readonly Tensor[],
    back: (dy: Value) => Value | null | readonly (Value | null)[],
  ): void {
    const writer = this.#writer
    this.#tape.add({
      from: [from].flat(),
      to,
      // Asked of each: a guard is needed for all of them.
      trains: trains.map((tensor) => this.trains(tensor)).includes(true),
      back: (dy) => [this.as(writer, () => back(dy))].flat(),
    })
  }

  /** Whether the way back that is being written wants the gradient of a value. */
  wants(value: Value): boolean {
    return this.#tape.wants(value)
  }

  /** Writes the way back down, last step first, from the gradient of `to` to that of `input`. */
  return(to: Value, dy: Value, input: Value, inputGrad: boolean): Value | null {
    return this.#tape.return(
      { to, dy, input, inputGrad },
      (gradients) => this.#sum(gradients),
      (gradient, value) => this.conform(gradient, value),
    )
  }

  #sum(gradients: readonly Value[]): Value {
    const [first, ...rest] = gradients
    return rest.reduce((total, one) => this.add(total, one), first)
  }

  /**
   * `value` with the extents of `like`: features that are in the order of an image are brought into that of the other, so
   * that both are in torch's.
   */
  conform(value: Value, like: Value): Value {
    const { C, H, W, rank } = like
    if (sameShape([value.C, value.H, value.W], [C, H, W])) return value
    const copy = this.image(C, H, W, {}, rank)
    this.#copyByElement(value, copy)
    return copy
  }

  /** The sum of two values of the same shape. */
  add(a: Value, b: Value): Value {
    const other = this.fit(this.conform(b, a), a)
    const y = this.inPlaceOf(a)
    const floats = a.image / 4
    this.call('tensor/add', COUNT, floats, startOf(a), startOf(other), startOf(y))
    return y
  }

  /**
   * `value`, or a copy of it that has the cells of `like` and at least its border; where `row` is given it lies as `like`
   * does. `above` is as many as `border` unless told.
   */
  fit(value: Value, like: { cell?: number; border: number; above?: number; row?: number }): Value {
    const { cell = value.cell, border, above = border, row } = like
    const exact = row === undefined || (row === value.row && above === value.above)
    if (value.cell === cell && value.border >= border && value.above >= above && exact) return value
    const copy = this.image(value.C, value.H, value.W, { border, above, align: cell / 4 }, value.rank)
    this.copy(value, copy)
    return copy
  }

  /** Copies the cells of one image into another, whose cells may be of another size. */
  copy(from: Value, to: Value): void {
    if (from.cell === to.cell) {
      const { H, W } = from
      const sizes = [H, W * from.cell, from.row, to.row, from.image, to.image]
      this.call('tensor/copy_rows', from.ref, to.ref, COUNT, ...sizes)
      return
    }
    this.#copyByElement(from, to)
  }

  #copyByElement(from: Value, to: Value): void {
    const flat = this.take('thread', from.C * from.H * from.W * 4 * this.micro)
    const ends = ({ ref, C, H, W, cell, row, image }: Value) => ({ ref, sizes: [C, H, W, cell, row, image] })
    const [source, target] = [ends(from), ends(to)]
    this.call('tensor/image_out', source.ref, flat, COUNT, ...source.sizes)
    this.call('tensor/image_in', flat, target.ref, COUNT, ...target.sizes)
  }

  /** Images [N,C,H,W] that the caller writes into the program's block, as the kernels have them. */
  input(C: number, H: number, W: number, wish: Wish, rank: Rank): Cells {
    const ref = this.take('batch', C * H * W * 4)
    return { buffer: ref.buffer, value: this.imageFrom(ref, C, H, W, wish, rank) }
  }

  /** The images [N,C,H,W] of a `batch` buffer, as the kernels have them. */
  imageFrom(ref: Ref, C: number, H: number, W: number, wish: Wish, rank: Rank): Value {
    const value = this.image(C, H, W, wish, rank)
    this.fill(ref, value)
    return value
  }

  /** Copies the images [N,C,H,W] of a `batch` buffer into `value`, in every phase that reads it. */
  fill(ref: Ref, { ref: to, C, H, W, cell, row, image }: Value): void {
    const call = this.#own({
      kernel: 'tensor/image_in',
      args: [ref, to, COUNT, C, H, W, cell, row, image],
    } as const)
    this.#list.push({ kind: 'call', call, fills: to.buffer })
  }

  /** [N,C,H,W] of a value in the program's block, for the caller to read. */
  output({ ref, C, H, W, cell, row, image }: Value): Buffer {
    const out = this.take('batch', C * H * W * 4)
    this.call('tensor/image_out', ref, out, COUNT, C, H, W, cell, row, image)
    return out.buffer
  }
}
