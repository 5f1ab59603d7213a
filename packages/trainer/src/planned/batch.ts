import { compileNetwork, type Sequential } from '@handgrad/layers'
import type { CrossEntropyLoss } from '@handgrad/loss-optim'
import { type BackendName, type Buffer, type Compiler, Loaded, link, Tensor } from '@handgrad/tensor'
import type { BatchResult } from '../stepper.ts'

type CompiledLoss = NonNullable<ReturnType<CrossEntropyLoss['compile']>>
type Kernels = Exclude<BackendName, 'reference'>

/** A parameter's gradient where the kernels leave it, and where the user reads it. */
interface Gradient {
  readonly tensor: Tensor
  readonly from: Float32Array
  readonly g: Tensor
}

/** One batch shape, planned once, forward, loss and way back as one phase: running it allocates nothing. */
export class PlannedBatch {
  readonly #guards: Compiler['guards']
  readonly #loaded: Loaded
  readonly #loss: ReturnType<CompiledLoss['bind']>
  readonly #x: Float32Array
  readonly #gradients: readonly Gradient[]

  /** The plan for batches of `shape`, or null where a layer or the loss has no kernel. */
  static of(
    net: Sequential,
    criterion: CrossEntropyLoss,
    shape: readonly number[],
    training: boolean,
    backend: Kernels,
  ): PlannedBatch | null {
    const chain = compileNetwork(net, shape, training)
    if (chain === null) return null
    const { compiler, input, output } = chain
    const loss = criterion.compile(output, compiler)
    if (loss === null) return null
    if (loss.gradient !== null) compiler.return(output, loss.gradient, input.value, false)
    return new PlannedBatch(compiler, loss, input.buffer, backend)
  }

  private constructor(compiler: Compiler, loss: CompiledLoss, input: Buffer, backend: Kernels) {
    const loaded = new Loaded(compiler, link(compiler, [[['forward']]]), backend)
    this.#guards = compiler.guards
    this.#loaded = loaded
    this.#loss = loss.bind(loaded)
    this.#x = loaded.floats(input, (input.bytes / 4) * compiler.samples)
    this.#gradients = compiler.gradients.map(({ tensor, slot, gathered }) => ({
      tensor,
      from: loaded.floats(gathered?.to ?? (compiler.sums.get(slot) as Buffer), tensor.data.length),
      g: new Tensor<'float32'>(new Float32Array(tensor.data.length), tensor.shape),
    }))
  }

  /** True when a thread died in it. */
  get isLost(): boolean {
    return this.#loaded.isLost
  }

  /** Whether the network is still as it was when it was planned. */
  isRight(): boolean {
    return this.#guards.every((guard) => guard())
  }

  /**
   * Loss and predictions for the images x and classes y [N]; in training also each parameter's `.g`. `meanwhile` is
   * called while the other threads are at work.
   */
  run(x: Tensor, y: Int32Array, threads: number, meanwhile?: () => void): BatchResult {
    const loaded = this.#loaded
    this.#loss.begin(y)
    this.#x.set(x.data)
    loaded.readParameters()
    loaded.draw()
    loaded.prepare()
    loaded.run('forward', threads, meanwhile)
    for (const { tensor, from, g } of this.#gradients) {
      g.data.set(from)
      tensor.g = g
    }
    return this.#loss.end()
  }

  /** Gives the memory back. */
  free(): void {
    this.#loaded.free()
  }
}
