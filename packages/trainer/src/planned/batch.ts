import { compileNetwork, type Sequential } from '@handgrad/layers'
import type { CrossEntropyLoss } from '@handgrad/loss-optim'
import {
  type Compiler,
  currentKernels,
  type Program,
  type Ref,
  Routine,
  sharedMemory,
  Tensor,
} from '@handgrad/tensor'
import type { BatchResult } from '../stepper.ts'
import type { LoadedProgram, Pool } from './pool.ts'

type CompiledLoss = NonNullable<ReturnType<CrossEntropyLoss['compile']>>

const NONE = { fixed: 0, scratch: 0, slot: 0 }

/** One batch shape, planned once: running it allocates nothing. */
export class PlannedBatch {
  /** The images [N,…], to be written before {@link run}. */
  readonly x: Float32Array
  readonly #compiler: Compiler
  readonly #loaded: LoadedProgram
  readonly #pool: Pool
  readonly #loss: ReturnType<CompiledLoss['bind']>
  readonly #parameters: { tensor: Tensor; view: Float32Array }[]
  readonly #gradients: { tensor: Tensor; g: Tensor }[]
  readonly #prepare: Routine
  readonly #finish: Routine
  readonly #bases = { ...NONE }

  /** The plan for batches of `shape`, or null where a layer or the loss has no kernel. */
  static of(
    net: Sequential,
    criterion: CrossEntropyLoss,
    shape: readonly number[],
    training: boolean,
    pool: Pool,
  ): PlannedBatch | null {
    const plan = compileNetwork(net, shape, { training })
    if (plan === null) return null
    const { compiler, input, output } = plan
    const loss = criterion.compile(output, compiler)
    if (loss === null) return null
    if (loss.gradient !== null) compiler.return(loss.gradient)
    return new PlannedBatch(compiler, loss, input.ref, input.length, pool)
  }

  private constructor(compiler: Compiler, loss: CompiledLoss, input: Ref, length: number, pool: Pool) {
    const kernels = currentKernels()!
    const own = compiler.program()
    const reduce = {
      kernel: 'tensor/reduce_slots',
      args: [
        own.sum,
        { space: 'slot', offset: 0, stride: 0 },
        own.bytes.slot,
        own.shards,
        own.bytes.slot / 4,
      ],
    } as const
    const program: Program = own
    this.#compiler = compiler
    this.#pool = pool
    this.#prepare = new Routine(program.prepare, kernels)
    this.#finish = new Routine(compiler.training ? [reduce, ...program.finish] : [], kernels)
    this.#loaded = pool.load(program, kernels)
    const { buffer } = sharedMemory()
    const { fixed } = this.#loaded
    const floats = (ref: Ref, count: number): Float32Array =>
      new Float32Array(buffer, fixed + ref.offset, count)
    this.#loss = loss.bind(buffer, fixed)
    this.x = floats(input, length)
    this.#parameters = compiler.parameters.map(({ tensor, ref }) => ({
      tensor,
      view: floats(ref, tensor.data.length),
    }))
    this.#gradients = compiler.gradients.map(({ tensor, ref }) => ({
      tensor,
      g: new Tensor<'float32'>(floats(ref, tensor.data.length), tensor.shape) as Tensor,
    }))
    for (const { ref, values } of compiler.tables) {
      new Int32Array(buffer, fixed + ref.offset, values.length).set(values)
    }
  }

  /**
   * Loss and predictions for the images in `x` and classes y [N]; in training also each parameter's `.g`. `meanwhile` is
   * called while the other threads are at work.
   */
  run(y: Int32Array, meanwhile: () => void): BatchResult {
    const bases = this.#bases
    bases.fixed = this.#loaded.fixed
    bases.slot = this.#loaded.slots
    this.#loss.begin(y)
    for (const { tensor, view } of this.#parameters) view.set(tensor.data)
    for (const draw of this.#compiler.beforeBatch) draw(sharedMemory().buffer, bases.fixed)
    this.#prepare.run(bases, 0, 0)
    this.#pool.run(this.#loaded, meanwhile)
    this.#finish.run(bases, 0, 0)
    for (const { tensor, g } of this.#gradients) tensor.g = g
    return this.#loss.end()
  }

  /** Gives the memory back; `.g` of the parameters is gone with it. */
  free(): void {
    this.#pool.unload(this.#loaded)
  }
}
