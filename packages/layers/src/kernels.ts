import {
  type Cell,
  Compiler,
  currentBackend,
  currentKernels,
  freeBlock,
  type Kernel,
  type Program,
  Routine,
  registerKernels,
  runWhole,
  sharedMemory,
  Tensor,
  takeBlock,
  type Value,
} from '@handgrad/tensor'
import { fused, plain } from './kernels.generated.ts'
import type { Layer } from './layer.ts'
import { runsOwnCode } from './own-code.ts'

registerKernels('layers', { fused, plain })

/** Images that go through a layer's kernels at a time. */
const MICRO = 8

/**
 * An input as N images.
 * @internal
 */
export interface ImageShape {
  N: number
  C: number
  H: number
  W: number
  flat: boolean
}

/** One layer as a program: where its input, output and the gradients on both sides lie. */
interface Plan {
  compiler: Compiler
  program: Program & { sum: { offset: number } }
  x: Cell
  y: Cell
  dy: Cell | null
  dx: Cell | null
  kernels: Readonly<Record<string, Kernel>>
}

const plans = new WeakMap<Layer, Map<string, Plan | null>>()

/** The plan of a layer for one shape, from the cache; null where it has no kernel. */
function planFor(layer: Layer, x: Tensor, way: 'forward' | 'backward', inputGrad: boolean): Plan | null {
  // Asked every time: an instance may get a method of its own at any time.
  if (runsOwnCode(layer)) return null
  const kernels = currentKernels()
  if (kernels === null || x.dtype !== 'float32' || x.data.length === 0) return null
  const known = plans.get(layer) ?? new Map<string, Plan | null>()
  plans.set(layer, known)
  const key = `${currentBackend()} ${way} ${inputGrad} ${x.shape.join()}`
  if (!known.has(key)) known.set(key, newPlan(layer, x, way === 'backward', inputGrad, kernels))
  return known.get(key)!
}

function newPlan(
  layer: Layer,
  x: Tensor,
  backward: boolean,
  inputGrad: boolean,
  kernels: Readonly<Record<string, Kernel>>,
): Plan | null {
  const shape = layer.kernelShape(x.shape)
  if (shape === null) return null
  const { N, C, H, W, flat } = shape
  const compiler = new Compiler(N, MICRO, backward)
  const input = compiler.input(C, H, W, layer.kernelWish(C, H, W), inputGrad, flat)
  const made = layer.compile(input.value, compiler, [])
  if (made === null) return null
  const y = compiler.output(made.value)
  const ends = backward ? back(compiler, made.value) : { dy: null, dx: null }
  const program = compiler.program()
  return { compiler, program, x: input.cells, y, ...ends, kernels }
}

function back(compiler: Compiler, { C, H, W, cell, flat }: Value): { dy: Cell; dx: Cell | null } {
  const dy = compiler.input(C, H, W, { align: cell / 4 }, true, flat)
  const dx = compiler.return(dy.value)
  return { dy: dy.cells, dx: dx === null ? null : compiler.output(dx) }
}

/**
 * True when a layer runs on kernels by itself for a float32 input of `shape`.
 * @internal
 */
export function hasKernel(layer: Layer, shape: readonly number[]): boolean {
  const images = currentBackend() === 'reference' || runsOwnCode(layer) ? null : layer.kernelShape(shape)
  if (images === null) return false
  const { N, C, H, W, flat } = images
  const compiler = new Compiler(N, MICRO, false)
  return (
    layer.compile(compiler.input(C, H, W, layer.kernelWish(C, H, W), true, flat).value, compiler, []) !== null
  )
}

/** A float32 view of some cells of a program that starts at `base`. */
function view(base: number, { ref, length }: Pick<Cell, 'ref' | 'length'>): Float32Array {
  return new Float32Array(sharedMemory().buffer, base + ref.offset, length)
}

/** Runs a plan in blocks of memory that are given back; `read` copies out what is wanted. */
function run<T>(plan: Plan, write: (fixed: number) => void, read: (fixed: number) => T): T {
  const { program, compiler, kernels } = plan
  const { bytes } = program
  const bases = {
    fixed: takeBlock(bytes.fixed),
    scratch: takeBlock(bytes.scratch),
    slot: takeBlock(bytes.slot),
  }
  try {
    const { fixed } = bases
    for (const { ref, values } of compiler.tables) {
      new Int32Array(sharedMemory().buffer, fixed + ref.offset, values.length).set(values)
    }
    for (const { tensor, ref } of compiler.parameters) {
      view(fixed, { ref, length: tensor.data.length }).set(tensor.data)
    }
    write(fixed)
    new Routine(program.prepare, kernels).run(bases, 0, 0)
    runWhole(program, kernels, bases, compiler.samples)
    new Uint8Array(sharedMemory().buffer).copyWithin(
      fixed + program.sum.offset,
      bases.slot,
      bases.slot + bytes.slot,
    )
    new Routine(program.finish, kernels).run(bases, 0, 0)
    return read(fixed)
  } finally {
    for (const space of ['fixed', 'scratch', 'slot'] as const) freeBlock(bases[space], bytes[space])
  }
}

/**
 * The output of a layer for `x` by its kernels, with a copy of `x` for the way back; null where `reference` has to run.
 */
export function forwardOnKernels(
  layer: Layer,
  x: Tensor,
  shape: () => number[],
): { x: Tensor; y: Tensor } | null {
  const plan = planFor(layer, x, 'forward', true)
  if (plan === null) return null
  const y = run(
    plan,
    (fixed) => view(fixed, plan.x).set(x.data),
    (fixed) => new Float32Array(view(fixed, plan.y)),
  )
  return { x: x.clone(), y: new Tensor<'float32'>(y, shape()) }
}

/** What a way back came to: the input's gradient, and what is to be added to each parameter's. */
interface Gradients {
  dx: Tensor | null
  parameters: [parameter: Tensor, gradient: Tensor][]
}

/**
 * The gradients for `x` as `forwardOnKernels` gave it back; null where `reference` has to run after all.
 */
export function backwardOnKernels(layer: Layer, x: Tensor, dy: Tensor, inputGrad: boolean): Gradients | null {
  const plan = planFor(layer, x, 'backward', inputGrad)
  if (plan === null) return null
  const write = (fixed: number): void => {
    view(fixed, plan.x).set(x.data)
    view(fixed, plan.dy!).set(dy.data)
  }
  return run(plan, write, (fixed) => {
    const read = (cells: Cell, shape: readonly number[]): Tensor =>
      new Tensor<'float32'>(new Float32Array(view(fixed, cells)), shape)
    return {
      dx: plan.dx === null ? null : read(plan.dx, x.shape),
      parameters: plan.compiler.gradients.map(({ tensor, ref }) => [
        tensor,
        read({ ref, length: tensor.data.length }, tensor.shape),
      ]),
    }
  })
}
