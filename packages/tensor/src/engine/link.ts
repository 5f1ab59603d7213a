import type { Compiler } from './compiler.ts'
import { type Call, type Phase, type Place, type Program, shardsOf } from './program.ts'
import type { Buffer, Ref } from './value.ts'
import type { Item, WrittenCall } from './written.ts'

/**
 * The ways through a program, each a list of stretches in the order in which they are run; a stretch is lists of the
 * compiler that are run together, without a phase ending in between.
 */
export type Routes = readonly (readonly (readonly string[])[])[]

/** A program with what its makers know it by. */
export interface Linked {
  readonly program: Program
  /** Phases of each stretch, by its lists joined with `+`: from, and up to. */
  readonly stretches: ReadonlyMap<string, readonly [from: number, to: number]>
  readonly placeOf: (buffer: Buffer) => Place
  /** Bytes of all samples that are kept from one phase to another. */
  readonly kept: number
  /** What has a place, in the order in which it was asked for. */
  readonly buffers: readonly Buffer[]
  /** Which layer wrote a call down, or took a buffer; what the engine adds, or joins layers, has none. */
  readonly writers: ReadonlyMap<object, object>
}

/** Calls between two ends of phases, and what is run when they have ended. */
interface Draft {
  readonly stretch: string
  items: Item[]
  after: readonly WrittenCall[]
}

/** A kernel may read one vector beyond what it needs. */
const SPARE = 64
const up = (value: number): number => Math.ceil(value / 64) * 64
const refsOf = (calls: readonly WrittenCall[]): Ref[] =>
  calls.flatMap(({ args }) => args.filter((arg) => typeof arg === 'object'))
const callsOf = (items: readonly Item[]): WrittenCall[] =>
  items.flatMap((item) => (item.kind === 'call' ? [item.call] : []))

function draftsOf(stretch: string, items: readonly Item[]): Draft[] {
  const drafts: Draft[] = [{ stretch, items: [], after: [] }]
  // at least 1
  for (const item of items) {
    const last = drafts.at(-1) as Draft
    if (item.kind === 'end') {
      last.after = item.calls
      drafts.push({ stretch, items: [], after: [] })
    } else last.items.push(item)
  }
  return drafts
}

/** Gives every buffer its place and every phase its calls. */
export function link(compiler: Compiler, routes: Routes): Linked {
  const drafts: Draft[] = []
  const stretches = new Map<string, readonly [number, number]>()
  // at least 1
  for (const stretch of routes.flat()) {
    const name = stretch.join('+')
    if (stretches.has(name)) continue
    const own = draftsOf(
      name,
      stretch.flatMap((list) => compiler.lists.get(list) as Item[]),
    )
    stretches.set(name, [drafts.length, drafts.length + own.length])
    drafts.push(...own)
  }
  const paths = routes.map((route) =>
    route.flatMap((stretch) => {
      const [from, to] = stretches.get(stretch.join('+')) as readonly [number, number]
      return drafts.slice(from, to)
    }),
  )
  const layout = new Layout(compiler, paths)
  // at least 1
  for (const path of paths) fillAgain(path, layout.kept)
  const { bytes, placeOf } = layout
  const writers = new Map<object, object>(compiler.writers)
  const call = (written: WrittenCall): Call => {
    const { kernel, args } = written
    const made = { kernel, args: args.map((arg) => (typeof arg === 'object' ? layout.at(arg) : arg)) }
    const writer = compiler.writers.get(written)
    if (writer !== undefined) writers.set(made, writer)
    return made
  }
  const shards = Math.min(compiler.mostShards, shardsOf(compiler.samples, bytes.slot))
  const program = {
    samples: compiler.samples,
    shards,
    micro: compiler.micro,
    bytes,
    prepare: compiler.prepared.map(call),
    phases: drafts.map((draft) => phaseOf(draft, compiler, layout, shards, call)),
  }
  const { buffers } = compiler
  return { program, stretches, placeOf, kept: layout.keptBytes, buffers, writers }
}

/** Repeats what fills a buffer in every later phase of a route that reads it, unless it is kept. */
function fillAgain(path: readonly Draft[], kept: ReadonlySet<Buffer>): void {
  const fills = new Map<Buffer, Item>()
  // at least 1
  for (const draft of path) {
    const own = new Set(draft.items)
    const read = new Set(refsOf(callsOf(draft.items)).map(({ buffer }) => buffer))
    const missing = [...fills].filter(([buffer, item]) => read.has(buffer) && !own.has(item))
    draft.items = [...missing.map(([, item]) => item), ...draft.items]
    // at least 1
    for (const item of draft.items)
      if (item.kind === 'call' && item.fills !== undefined && !kept.has(item.fills))
        fills.set(item.fills, item)
  }
}

function phaseOf(
  { items, after }: Draft,
  { gradients, sums }: Compiler,
  layout: Layout,
  shards: number,
  call: (written: WrittenCall) => Call,
): Phase {
  const calls = callsOf(items)
  const used = new Set(refsOf(calls).map(({ buffer }) => buffer))
  const slots = [...sums.keys()].filter((slot) => used.has(slot))
  const runs = runsOf(slots, layout)
  const gathers = gradients.flatMap(({ slot, gathered }): WrittenCall[] => {
    if (!used.has(slot) || gathered === null) return []
    const { to, map, length } = gathered
    const sum = { buffer: sums.get(slot) as Buffer, offset: 0 }
    return [{ kernel: 'tensor/gather', args: [{ buffer: to, offset: 0 }, sum, map, length] }]
  })
  return {
    begin: runs.map(({ slot, bytes }) => ({ kernel: 'tensor/clear', args: [slot, 1, bytes] })),
    body: calls.map(call),
    end: [
      ...runs.map(({ slot, sum, bytes }) => ({
        kernel: 'tensor/reduce_slots',
        args: [sum, slot, layout.bytes.slot, shards, bytes / 4],
      })),
      ...gathers.map(call),
      ...after.map(call),
    ],
  }
}

/** Slots that lie one behind the other are cleared and added up together; their sums lie as they do. */
function runsOf(slots: readonly Buffer[], layout: Layout): { slot: Place; sum: Place; bytes: number }[] {
  const runs: { slot: Place; sum: Place; bytes: number }[] = []
  for (const slot of slots) {
    const place = layout.placeOf(slot)
    const bytes = up(slot.bytes + SPARE)
    const last = runs.at(-1)
    if (last !== undefined && last.slot.offset + last.bytes === place.offset) last.bytes += bytes
    else runs.push({ slot: place, sum: layout.sumOf(place), bytes })
  }
  return runs
}

/** Where everything lies. What only one phase of a route uses is scratch, and is overwritten by the next micro-batch. */
class Layout {
  readonly bytes: { fixed: number; scratch: number; slot: number } = { fixed: 64, scratch: 64, slot: 64 }
  keptBytes = 0
  /** What is kept from one phase to another. */
  readonly kept: ReadonlySet<Buffer>
  readonly #places = new Map<Buffer, Place>()
  /** What lies where another lies. */
  readonly #roots = new Map<Buffer, Buffer>()
  readonly #sumsAt: number

  constructor({ buffers, samples, micro }: Compiler, paths: readonly Draft[][]) {
    // at least 2
    for (const buffer of buffers) if (buffer.kind === 'slot') this.#put(buffer, 'slot', buffer.bytes, 0)
    this.#sumsAt = this.#take('fixed', this.bytes.slot)
    this.#join(paths)
    this.kept = this.#crossing(paths)
    // at least 2
    for (const buffer of buffers) {
      const { kind, bytes } = buffer
      if (kind === 'slot' || kind === 'sum' || this.#rootOf(buffer) !== buffer) continue
      if (kind === 'batch' || this.kept.has(buffer)) {
        this.#put(buffer, 'fixed', bytes * samples, bytes)
        if (kind === 'sample') this.keptBytes += bytes * samples
      } else if (kind === 'sample') this.#put(buffer, 'scratch', bytes * micro, 0)
      else this.#put(buffer, kind === 'thread' ? 'scratch' : 'fixed', bytes, 0)
    }
    // In the order of the slots, so that a stretch of these is a stretch of those.
    const slots = buffers.filter(({ kind }) => kind === 'slot')
    const sums = buffers.filter(({ kind }) => kind === 'sum')
    sums.forEach((sum, i) => this.#places.set(sum, this.sumOf(this.placeOf(slots[i]))))
  }

  readonly placeOf = (buffer: Buffer): Place => this.#places.get(this.#rootOf(buffer)) as Place

  at({ buffer, offset }: Ref): Place {
    const place = this.placeOf(buffer)
    return { ...place, offset: place.offset + offset }
  }

  /** Where what lies in a slot is added up. */
  sumOf({ offset }: Place): Place {
    return { space: 'fixed', offset: this.#sumsAt + offset, stride: 0 }
  }

  #take(space: Place['space'], bytes: number): number {
    const offset = this.bytes[space]
    this.bytes[space] += up(bytes + SPARE)
    return offset
  }

  #put(buffer: Buffer, space: Place['space'], bytes: number, stride: number): void {
    this.#places.set(buffer, { space, offset: this.#take(space, bytes), stride })
  }

  #rootOf(buffer: Buffer): Buffer {
    return this.#roots.get(buffer) ?? buffer
  }

  /**
   * What may be written where another lies, is: if no call behind it, on any route, reads that other, and none of an
   * earlier stretch, which is not run again where this one is.
   */
  #join(paths: readonly Draft[][]): void {
    const flat = paths.map((path) =>
      path.flatMap(({ stretch, items, after }) =>
        [...items, ...asItems(after)].map((item) => ({ stretch, item })),
      ),
    )
    for (const item of new Set(flat.flat().map((one) => one.item))) {
      if (item.kind !== 'in place') continue
      const [from, into] = [this.#rootOf(item.from), item.into]
      const isRead = flat.some((route) => {
        const at = route.findIndex((one) => one.item === item)
        // The call behind it is the one that works in place.
        const others = route.filter((one, i) => i > at + 1 || one.stretch !== route[at]?.stretch)
        return (
          at >= 0 &&
          this.#reads(
            others.map((one) => one.item),
            from,
          )
        )
      })
      if (from.kind === 'sample' && from.bytes === into.bytes && !isRead) this.#roots.set(into, from)
    }
  }

  #reads(items: readonly Item[], root: Buffer): boolean {
    return refsOf(callsOf(items)).some(({ buffer }) => this.#rootOf(buffer) === root)
  }

  /** Samples' buffers that more than one phase of a route uses, but for those that each phase fills by itself. */
  #crossing(paths: readonly Draft[][]): Set<Buffer> {
    const crossing = new Set<Buffer>()
    const all = paths.flat().flatMap((draft) => draft.items)
    const filled = new Set(all.flatMap((item) => (item.kind === 'call' && item.fills ? [item.fills] : [])))
    // Where something is written in the place of what was filled, that is no longer what it was.
    for (const root of this.#roots.values()) filled.delete(root)
    for (const path of paths) {
      const last = new Map<Buffer, number>()
      path.forEach(({ items, after }, phase) => {
        // What runs once a batch is to find all samples.
        for (const { buffer } of refsOf(after))
          if (buffer.kind === 'sample') crossing.add(this.#rootOf(buffer))
        for (const { buffer } of refsOf(callsOf(items))) {
          if (buffer.kind !== 'sample') continue
          const root = this.#rootOf(buffer)
          if (filled.has(root)) continue
          if ((last.get(root) ?? phase) !== phase) crossing.add(root)
          last.set(root, phase)
        }
      })
    }
    return crossing
  }
}

function asItems(calls: readonly WrittenCall[]): Item[] {
  return calls.map((call) => ({ kind: 'call', call }))
}
