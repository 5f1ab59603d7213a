import {
  type Cell,
  Compiler,
  freeBlock,
  runWhole,
  sharedMemory,
  type Tensor,
  takeBlock,
  type Value,
} from '@handgrad/tensor'
import { ownKernels } from '../home.ts'
import type { CompiledLoss } from './compile.ts'
import { CrossEntropyLoss } from './cross-entropy-loss.ts'
import { isProbabilities, type Target } from './layout.ts'

/** Samples at a time, as in training. */
const MICRO = 8

/** What the kernel found: the loss, and the logits' gradient where that of the loss is 1. */
interface Found {
  loss: number
  gradient: Float32Array
}

/**
 * A CrossEntropyLoss that runs on the kernel of planned networks where there is one, so that its kernel is proved by the
 * same cases. The gradient of whatever comes after is multiplied in at the end: in training it is 1.
 */
export class PlannedLoss extends CrossEntropyLoss {
  #pass: { logits: Tensor; loss: Tensor; gradient: Float32Array } | null = null

  override forward(logits: Tensor, target: Target): Tensor {
    const loss = super.forward(logits, target)
    const found = runPlanned(this, logits, target)
    this.#pass = found === null ? null : { logits, loss, gradient: found.gradient }
    if (found !== null) loss.data[0] = found.loss
    return loss
  }

  /** Its kernel is that of the loss: both compute the same. */
  override compile(logits: Value, compiler: Compiler): CompiledLoss | null {
    return super.compile(logits, compiler)
  }

  override bwd(): void {
    super.bwd()
    if (this.#pass === null) return
    const { logits, loss, gradient } = this.#pass
    const dL = loss.g?.data[0] ?? 1
    logits.g?.data.set(gradient.map((value) => value * dL))
  }
}

function runPlanned(criterion: CrossEntropyLoss, logits: Tensor, target: Target): Found | null {
  const [N, C] = logits.shape
  const plain = logits.shape.length === 2 && N > 0 && !isProbabilities(target)
  if (ownKernels() === null || logits.dtype !== 'float32' || !plain) return null
  const compiler = new Compiler(N, MICRO, true)
  const z = compiler.input(C, 1, 1, { align: 4 }, true, true)
  const made = criterion.compile(z.value, compiler)
  if (made === null || made.gradient === null) return null
  const dz = compiler.output(compiler.return(made.gradient)!)
  return onceInMemory(compiler, (base, run) => {
    const floats = ({ ref, length }: Cell): Float32Array =>
      new Float32Array(sharedMemory().buffer, base + ref.offset, length)
    const bound = made.bind(sharedMemory().buffer, base)
    floats(z.cells).set(logits.data)
    bound.begin(Int32Array.from(target.data as ArrayLike<number>, Number))
    run()
    return { loss: bound.end().loss, gradient: floats(dz).slice() }
  })
}

/** Lends a program its memory for as long as `use` takes. */
function onceInMemory<T>(compiler: Compiler, use: (fixed: number, run: () => void) => T): T {
  const program = compiler.program()
  const { bytes } = program
  const bases = {
    fixed: takeBlock(bytes.fixed),
    scratch: takeBlock(bytes.scratch),
    slot: takeBlock(bytes.slot),
  }
  const run = (): void => runWhole(program, ownKernels()!, bases, compiler.samples)
  try {
    return use(bases.fixed, run)
  } finally {
    for (const space of ['fixed', 'scratch', 'slot'] as const) freeBlock(bases[space], bytes[space])
  }
}
