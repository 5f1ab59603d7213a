import {
  currentKernels,
  type FloatArray,
  freeBlock,
  type Kernel,
  registerKernels,
  sharedMemory,
  Tensor,
  takeBlock,
} from '@handgrad/tensor'
import { fused, plain } from './kernels.generated.ts'

registerKernels('loss-optim', { fused, plain })

/**
 * The kernels of the backend in force, this package's among them; null on `reference`.
 * @internal
 */
export function ownKernels(): Readonly<Record<string, Kernel>> | null {
  return currentKernels()
}

/**
 * What a kernel of this package is called among all. Whoever names one brings along the line above that makes it known:
 * a bundle leaves a module out of which nothing is used.
 * @internal
 */
export const kernelName = (name: string): string => `loss-optim/${name}`

const memoryOf = new FinalizationRegistry<{ at: number; bytes: number }>(({ at, bytes }) =>
  freeBlock(at, bytes),
)

/**
 * Where one parameter is changed by a kernel: room for it, its gradient and what is kept for it. What is kept lives
 * there; the parameter itself is copied in and out, its `data` stays where the user has it.
 * @internal
 */
export class Home {
  readonly floats: number
  readonly p: number
  readonly g: number
  readonly #bytes: number
  readonly #values: Float32Array
  readonly #gradient: Float32Array
  readonly #kept = new Map<string, { at: number; tensor: Tensor }>()
  #end: number

  private constructor(parameter: Tensor, keeps: number) {
    const { length } = parameter.data
    this.floats = Math.ceil(length / 4) * 4
    this.#bytes = this.floats * 4
    const bytes = this.#bytes * (2 + keeps)
    this.p = takeBlock(bytes)
    this.g = this.p + this.#bytes
    this.#end = this.g + this.#bytes
    memoryOf.register(this, { at: this.p, bytes })
    this.#values = new Float32Array(sharedMemory().buffer, this.p, length)
    this.#gradient = new Float32Array(sharedMemory().buffer, this.g, length)
  }

  /** The kernels, and the parameter's home among `homes`; null where the step runs on `reference`. */
  static find(
    homes: Map<Tensor, Home>,
    parameter: Tensor,
    keeps: number,
  ): { kernels: Readonly<Record<string, Kernel>>; home: Home } | null {
    const kernels = ownKernels()
    if (kernels === null || parameter.dtype !== 'float32') return null
    const home = homes.get(parameter) ?? new Home(parameter, keeps)
    homes.set(parameter, home)
    return { kernels, home }
  }

  /** Copies the parameter and its gradient in. */
  enter(parameter: Tensor, gradient: FloatArray): void {
    this.#values.set(parameter.data)
    this.#gradient.set(gradient)
  }

  /** Copies the parameter out. */
  leave(parameter: Tensor): void {
    parameter.data.set(this.#values)
  }

  /**
   * The address of `kept[key]`, which is moved here when it was loaded. What is new is the kernel's to write: a block may
   * hold what was kept before a state of no step was loaded.
   */
  at(kept: Record<string, Tensor>, key: string, shape: readonly number[]): number {
    const own = this.#kept.get(key)
    const now = kept[key]
    if (own !== undefined && own.tensor === now) return own.at
    const at = own?.at ?? this.#end
    if (own === undefined) this.#end += this.#bytes
    const data = new Float32Array(sharedMemory().buffer, at, this.#values.length)
    if (now !== undefined) data.set(now.data)
    const tensor = new Tensor<'float32'>(data, shape) as Tensor
    kept[key] = tensor
    this.#kept.set(key, { at, tensor })
    return at
  }
}
