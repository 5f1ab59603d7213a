import { type BackendName, currentBackend, sameShape, Tensor } from '@handgrad/tensor'
import { addGrad, setGradLater } from '../gradients.ts'
import type { Layer } from '../layer.ts'
import { runsOwnCode } from '../own-code.ts'
import { Plan, type Saved } from './plan.ts'

/** So many shapes an owner and place; the one that was not used for longest is forgotten. */
const MOST_SHAPES = 4
/** Bytes of the kernels' memory for all plans together. */
const MOST_BYTES = 64 << 20

/** What was found for layers and a shape: their plan, or that they have none. */
interface Entry {
  /** The first of the owner's layers that it is for. */
  readonly first: number
  readonly shape: readonly number[]
  readonly backend: BackendName
  readonly keeps: boolean
  /** Which of the layers ran code of their own. */
  readonly own: readonly boolean[]
  readonly plan: Plan | null
}

const entries = new WeakMap<object, Entry[]>()
/** The plans that have memory, the one that was used last at the end, with the pass that lies there. */
const loaded = new Map<Plan, Pass | null>()
/** Plans that were closed, whether their memory was there or had been given to others. */
const closed = new WeakSet<Plan>()

/**
 * What a forward on kernels has left for its way back: in the kernels' memory, or saved from there.
 * @internal
 */
export class Pass {
  readonly input: Tensor
  readonly y: Tensor
  readonly plan: Plan
  #saved: Saved | null = null
  #isOver = false
  /** The input's gradient may still be asked for. */
  #owes = false

  constructor(plan: Plan, input: Tensor, y: Tensor) {
    this.plan = plan
    this.input = input
    this.y = y
  }

  /**
   * Adds to the parameters' gradients for `dy`, the output's, and sets `input`'s unless it is not wanted.
   *
   * `mayWait`: when it is first read. Most networks' inputs are images, whose gradient nobody reads; of a plan for which
   * somebody did, it is computed at once.
   */
  backward(dy: Tensor, inputGrad: boolean, input: Tensor = this.input, mayWait = false): void {
    this.#open()
    const waits = inputGrad && mayWait && !this.plan.isInputGradRead
    const { dx, parameters } = this.plan.backward(dy, inputGrad && !waits)
    for (const [parameter, gradient] of parameters) addGrad(parameter, gradient)
    if (waits) {
      // What is written into the output's gradient afterwards is not seen.
      const given = dy.clone()
      this.#owes = true
      setGradLater(input, () => this.#inputGradient(given))
    } else if (inputGrad) input.g = new Tensor<'float32'>(dx as Float32Array, input.shape)
  }

  #inputGradient(dy: Tensor): Tensor {
    const { plan } = this
    this.#enter()
    plan.isInputGradRead = true
    const { dx } = plan.backward(dy, true)
    // mutant: dropped statement is equivalent because it saves a copy that nobody reads any more
    this.#owes = false
    if (closed.has(plan)) unload(plan, false)
    return new Tensor<'float32'>(dx as Float32Array, this.input.shape)
  }

  /** The input as it was, as a tensor of its own, and the random numbers that each layer drew. */
  given(): { x: Tensor; drawn: Map<object, Float32Array> } {
    this.#open()
    const { x } = this.plan.save()
    return { x: new Tensor<'float32'>(x, this.input.shape), drawn: this.plan.drawn() }
  }

  /** Goes on in the kernels' memory. */
  #open(): void {
    if (this.#isOver || closed.has(this.plan)) throw new Error('the pass was closed; call forward first')
    this.#enter()
  }

  #enter(): void {
    const { plan } = this
    makeRoomFor(plan)
    if (this.#saved !== null) {
      vacate(plan, true)
      plan.repeat(this.#saved)
      this.#saved = null
    }
    loaded.delete(plan)
    loaded.set(plan, this)
  }

  /** Leaves the kernels' memory. */
  leave(keeps: boolean): void {
    if (keeps || this.#owes) this.#saved = this.plan.save()
    if (!keeps) this.#isOver = true
  }
}

/** The pass in the memory of a plan leaves it, before that is written over; the plan is the one that was used last. */
function vacate(plan: Plan, keepsPass: boolean): void {
  loaded.get(plan)?.leave(keepsPass)
  loaded.delete(plan)
  loaded.set(plan, null)
}

/** The plans that were not used for longest give their memory back, before `plan` takes its own. */
function makeRoomFor(plan: Plan): void {
  const others = [...loaded.keys()].filter((other) => other !== plan)
  let bytes = others.reduce((sum, other) => sum + other.bytes, plan.bytes)
  for (const other of others) {
    if (bytes <= MOST_BYTES) break
    bytes -= other.bytes
    unload(other, true)
  }
}

function unload(plan: Plan, keepsPass: boolean): void {
  vacate(plan, keepsPass)
  loaded.delete(plan)
  plan.unload()
}

/**
 * Layers of an owner, one after the other.
 * @internal
 */
export interface Owned {
  readonly owner: object
  readonly layers: readonly Layer[]
  /** The first of them that is meant; 0. */
  readonly first?: number
  /** Whether a way back is to be expected. */
  readonly training: boolean
}

/** What is known of layers and inputs like `x`. */
function find({ owner, layers, first = 0, training }: Owned, x: Tensor, backend: BackendName): Entry | null {
  const known = entries.get(owner) ?? []
  const fits = (entry: Entry): boolean => {
    if (entry.first !== first || entry.backend !== backend || entry.keeps !== training) return false
    if (!sameShape(entry.shape, x.shape)) return false
    // Why it went no further: what ran its own code then may run kernels now.
    const count = entry.plan?.layers.length ?? 0
    const isBehindAsBefore = layers
      .slice(first + count)
      .every((layer, i) => runsOwnCode(layer) === entry.own[count + i])
    return isBehindAsBefore && (entry.plan?.isRight() ?? true)
  }
  const at = known.findLastIndex(fits)
  if (at < 0) return null
  // The one that was used last is the last.
  const [entry] = known.splice(at, 1)
  known.push(entry)
  return entry
}

/**
 * Writes down as many of the layers as have kernels for inputs of `shape`; null where the first has none.
 * @internal
 */
export function planOf(
  layers: readonly Layer[],
  shape: readonly number[],
  backend: Exclude<BackendName, 'reference'>,
  training: boolean,
  isAlone = false,
): Plan | null {
  if (runsOwnCode(layers[0]) || !isFloat32(layers)) return null
  return Plan.of(layers, shape, backend, training, isAlone)
}

/** A plan for layers and inputs like `x`; a shape that was not used for long is forgotten. */
function make(
  { owner, layers, first = 0, training }: Owned,
  { shape }: Tensor,
  backend: Exclude<BackendName, 'reference'>,
): Entry {
  const chain = layers.slice(first)
  const own = chain.map(runsOwnCode)
  const plan = planOf(chain, shape, backend, training, owner === layers[0])
  const entry = { first, shape, backend, keeps: training, own, plan }
  const known = entries.get(owner) ?? []
  entries.set(owner, known)
  const here = known.filter((other) => other.first === first)
  if (here.length >= MOST_SHAPES) {
    const [oldest] = known.splice(known.indexOf(here[0]), 1)
    if (oldest.plan !== null) unload(oldest.plan, true)
  }
  known.push(entry)
  return entry
}

/**
 * Whether kernels can take all their parameters.
 * @internal
 */
export function isFloat32(layers: readonly Layer[]): boolean {
  return layers.every((layer) => layer.parameters().every(({ dtype }) => dtype === 'float32'))
}

/**
 * The pass of an owner's layers for `x`, as many as have kernels; null where the first has none. `check` throws for an
 * input that does not fit: it is called before anything is planned, and whenever not all layers are.
 * @internal
 */
export function forwardOnKernels(owned: Owned, x: Tensor, check: () => void = () => {}): Pass | null {
  const backend = currentBackend()
  if (backend === 'reference' || x.dtype !== 'float32' || x.data.length === 0) {
    check()
    return null
  }
  const known = find(owned, x, backend)
  if (known?.plan?.layers.length !== owned.layers.length) check()
  const { plan } = known ?? make(owned, x, backend)
  if (plan === null) return null
  makeRoomFor(plan)
  vacate(plan, false)
  const pass = new Pass(plan, x, new Tensor<'float32'>(plan.forward(x), plan.outputShape))
  loaded.set(plan, pass)
  return pass
}

/**
 * Gives back what an owner's plans hold; a pass of theirs is over.
 * @internal
 */
export function closePlans(owner: object): void {
  for (const { plan } of entries.get(owner) ?? []) {
    if (plan === null) continue
    closed.add(plan)
    unload(plan, false)
  }
  entries.delete(owner)
}
