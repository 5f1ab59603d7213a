import { type BackendName, type Buffer, currentThreads, type Linked, Loaded, Tensor } from '@handgrad/tensor'
import type { Layer } from '../layer.ts'
import { type Written, write } from './written.ts'

/** What a pass keeps for its way back, in bytes of all samples, before forward is run again instead. */
const MOST_KEPT = 64 << 20

/**
 * Gradients of a way back: the input's, unless it was not wanted, and what is to be added to each parameter's.
 * @internal
 */
export interface Gradients {
  readonly dx: Float32Array | null
  readonly parameters: readonly (readonly [parameter: Tensor, gradient: Tensor])[]
}

/** A program in memory, and where a caller writes and reads it. */
class Ends {
  readonly loaded: Loaded
  readonly x: Float32Array
  readonly y: Float32Array | null
  readonly dy: Float32Array | null
  readonly dx: Float32Array | null
  readonly gradients: readonly { readonly tensor: Tensor; readonly view: Float32Array }[]

  constructor(written: Written, backend: Kernels) {
    const { chain, linked, y, dy, dx } = written
    const { compiler } = chain
    const loaded = new Loaded(compiler, linked, backend)
    const all = (buffer: Buffer | null): Float32Array | null =>
      buffer && loaded.floats(buffer, (buffer.bytes / 4) * compiler.samples)
    this.loaded = loaded
    this.x = all(chain.input.buffer) as Float32Array
    this.y = all(y)
    this.dy = all(dy)
    this.dx = all(dx)
    this.gradients = compiler.gradients.map(({ tensor, slot, gathered }) => ({
      tensor,
      view: loaded.floats(gathered?.to ?? (compiler.sums.get(slot) as Buffer), tensor.data.length),
    }))
  }
}

type Kernels = Exclude<BackendName, 'reference'>

/**
 * What a forward was computed from, in ordinary memory.
 * @internal
 */
export interface Saved {
  readonly x: Float32Array
  /** Parameters and random numbers. */
  readonly rest: readonly Float32Array[]
}

/** The programs of a plan, in memory. */
interface InMemory {
  readonly forward: Ends
  /** What the way back runs on: what forward ran on where that has kept all, else made when it is first needed. */
  back: Ends | null
}

/**
 * Layers for batches of one shape, written down once; in the kernels' memory while they are used.
 * @internal
 */
export class Plan {
  readonly layers: readonly Layer[]
  /** Those that were written down, the layers inside containers too. */
  readonly members: readonly object[]
  readonly outputShape: readonly number[]
  /** Its programs: one, or forward's and the way back's where that runs forward again. */
  readonly programs: readonly Linked[]
  /** Which kernel each layer got. */
  readonly notes: ReadonlyMap<object, string>
  /** Whether somebody has read a gradient of an input. */
  isInputGradRead = false
  readonly #backend: Kernels
  readonly #forward: Written
  readonly #back: Written
  readonly #guards: readonly (() => boolean)[]
  #memory: InMemory | null = null

  /**
   * The plan of as many of the layers as have kernels; null where the first one has none. `keeps`: whether a way back is
   * to be expected.
   */
  static of(
    layers: readonly Layer[],
    shape: readonly number[],
    backend: Kernels,
    keeps: boolean,
    isAlone: boolean,
  ): Plan | null {
    const kept = keeps ? write(layers, shape, 'kept', isAlone) : null
    if (kept !== null && kept.linked.kept <= MOST_KEPT) return new Plan(layers, shape, backend, kept, kept)
    const forward = write(layers, shape, 'forward', isAlone)
    return (
      forward && new Plan(layers, shape, backend, forward, write(layers, shape, 'again', isAlone) as Written)
    )
  }

  private constructor(
    layers: readonly Layer[],
    shape: readonly number[],
    backend: Kernels,
    forward: Written,
    back: Written,
  ) {
    const { count, compiler } = forward.chain
    this.layers = layers.slice(0, count)
    this.outputShape = this.layers.reduce((from, layer) => layer.outputShape(from), [...shape])
    this.members = compiler.members
    this.notes = compiler.notes
    this.programs = [forward, ...(back === forward ? [] : [back])].map(({ linked }) => linked)
    this.#backend = backend
    this.#forward = forward
    this.#back = back
    this.#guards = [...compiler.guards, ...(back === forward ? [] : back.chain.compiler.guards)]
  }

  /** Bytes of the kernels' memory that it has, or takes when it is used next. */
  get bytes(): number {
    if (this.#memory === null) {
      const { bytes, shards } = this.#forward.linked.program
      return bytes.fixed + bytes.scratch + bytes.slot * shards
    }
    const { forward, back } = this.#memory
    return forward.loaded.bytes + (back === null || back === forward ? 0 : back.loaded.bytes)
  }

  /** Whether the layers are still as they were when they were written down. */
  isRight(): boolean {
    return this.#guards.every((guard) => guard())
  }

  #load(): InMemory {
    const before = this.#memory
    const isLost = before?.forward.loaded.isLost || before?.back?.loaded.isLost
    if (before !== null && !isLost) return before
    const saved = before && saveOf(before.forward)
    const forward = new Ends(this.#forward, this.#backend)
    const memory = { forward, back: this.#back === this.#forward ? forward : null }
    // A thread died: the pass goes on elsewhere.
    this.unload()
    this.#memory = memory
    if (saved !== null) this.repeat(saved)
    return memory
  }

  /** The output for `x`; new random numbers are drawn. */
  forward(x: Tensor): Float32Array {
    const { loaded, x: input } = this.#load().forward
    input.set(x.data)
    loaded.readParameters()
    const undo = loaded.draw()
    try {
      return this.#run()
    } catch (error) {
      undo()
      throw error
    }
  }

  /** The same once more, from what was saved. */
  repeat({ x, rest }: Saved): void {
    const { forward } = this.#load()
    forward.x.set(x)
    forward.loaded.restore(rest)
    this.#run()
  }

  #run(): Float32Array {
    const { loaded, y } = this.#load().forward
    loaded.prepare()
    loaded.run('forward', currentThreads())
    return new Float32Array(y as Float32Array)
  }

  /** The way back of the last forward. */
  backward(dy: Tensor, inputGrad: boolean): Gradients {
    const back = this.#wayBack()
    const name = inputGrad ? 'with' : 'without'
    ;(back.dy as Float32Array).set(dy.data)
    back.loaded.run(this.#back === this.#forward ? name : `forward+${name}`, currentThreads())
    return {
      dx: inputGrad ? new Float32Array(back.dx as Float32Array) : null,
      parameters: back.gradients.map(({ tensor, view }) => [
        tensor,
        new Tensor<'float32'>(new Float32Array(view), tensor.shape),
      ]),
    }
  }

  #wayBack(): Ends {
    const memory = this.#load()
    const { forward } = memory
    if (memory.back === forward) return forward
    memory.back ??= new Ends(this.#back, this.#backend)
    memory.back.x.set(forward.x)
    memory.back.loaded.restore(forward.loaded.save())
    memory.back.loaded.prepare()
    return memory.back
  }

  /** What the last forward was computed from. */
  save(): Saved {
    return saveOf(this.#load().forward)
  }

  /** The random numbers that each layer drew for the last forward. */
  drawn(): Map<object, Float32Array> {
    return this.#load().forward.loaded.drawn()
  }

  /** Gives the memory back; the next forward takes it anew. */
  unload(): void {
    const memory = this.#memory
    this.#memory = null
    if (memory === null) return
    if (memory.back !== null && memory.back !== memory.forward) memory.back.loaded.free()
    memory.forward.loaded.free()
  }
}

function saveOf({ x, loaded }: Ends): Saved {
  return { x: new Float32Array(x), rest: loaded.save() }
}
