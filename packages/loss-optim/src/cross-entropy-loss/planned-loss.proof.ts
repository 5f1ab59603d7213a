import { Compiler, currentBackend, Loaded, link, type Tensor, type Value } from '@handgrad/tensor'
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
 * A CrossEntropyLoss that runs as the trainer's step has it, as part of a program, where there is a kernel: so that it is
 * proved by the same cases. The gradient of whatever comes after is multiplied in at the end: in training it is 1.
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
  const backend = currentBackend()
  if (backend === 'reference' || logits.dtype !== 'float32' || !plain) return null
  const compiler = new Compiler(N, MICRO, true)
  const z = compiler.input(C, 1, 1, { align: 4 }, 2)
  const made = criterion.compile(z.value, compiler)
  if (made === null || made.gradient === null) return null
  const dz = compiler.output(made.gradient)
  const loaded = new Loaded(compiler, link(compiler, [[['forward']]]), backend)
  try {
    const bound = made.bind(loaded)
    loaded.floats(z.buffer, N * C).set(logits.data)
    bound.begin(Int32Array.from(target.data as ArrayLike<number>, Number))
    loaded.prepare()
    loaded.run('forward', 1)
    return { loss: bound.end().loss, gradient: loaded.floats(dz, N * C).slice() }
  } finally {
    loaded.free()
  }
}
