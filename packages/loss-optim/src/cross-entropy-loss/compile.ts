import { COUNT, type Compiler, type Value } from '@handgrad/tensor'
import { kernelName } from '../home.ts'
import type { CrossEntropyLoss } from './cross-entropy-loss.ts'

/** What a batch came to: its loss, and the class with the largest logit for each sample. */
export interface LossResult {
  loss: number
  /** The same array after every batch. */
  predicted: Int32Array
}

/** The loss of a planned network: its gradient's place, and how a batch begins and ends. */
export interface CompiledLoss {
  /** Where the logits' gradient lies, in training. */
  readonly gradient: Value | null
  /** The loss over a program that starts at `base`. */
  bind(memory: ArrayBufferLike, base: number): BoundLoss
}

/** A loss that reads and writes memory. */
export interface BoundLoss {
  /** Writes classes [N]. @throws RangeError for one that is not a class. */
  begin(target: Int32Array): void
  /** Reads what the kernel found. */
  end(): LossResult
}

/** Class indices without weights or smoothing: softmax, loss and gradient in one kernel. */
export function compileLoss(criterion: CrossEntropyLoss, z: Value, c: Compiler): CompiledLoss | null {
  const { weight, labelSmoothing, reduction, ignoreIndex } = criterion
  const vector = z.H === 1 && z.W === 1 && z.image === Math.ceil(z.C / 4) * 16
  if (weight !== null || labelSmoothing > 0 || reduction === 'none' || !vector) return null
  const targets = c.take('fixed', c.samples * 4, 4)
  const stats = c.take('fixed', c.samples * 16, 16)
  const scale = c.take('fixed', 4)
  const gradient = c.training ? c.image(z.C, 1, 1, {}, true, true) : null
  // The kernel would take 2³² for 0; what no int32 can be is no target, and −1 is none that `begin` lets through.
  const ignored = ignoreIndex === (ignoreIndex | 0) ? ignoreIndex : -1
  const ends = [ignored, scale, gradient?.ref ?? 0, stats] as const
  c.call(kernelName('cross_entropy'), COUNT, z.C, z.ref, targets, ...ends)
  const places = { targets: targets.offset, stats: stats.offset, scale: scale.offset }
  const shape = { N: c.samples, C: z.C, mean: reduction === 'mean', ignoreIndex }
  return { gradient, bind: (memory, base) => bind(memory, base, places, shape) }
}

function bind(
  memory: ArrayBufferLike,
  base: number,
  places: { targets: number; stats: number; scale: number },
  { N, C, mean, ignoreIndex }: { N: number; C: number; mean: boolean; ignoreIndex: number },
): BoundLoss {
  const targets = new Int32Array(memory, base + places.targets, N)
  const stats = new Float32Array(memory, base + places.stats, 4 * N)
  const best = new Int32Array(memory, base + places.stats, 4 * N)
  const scale = new Float32Array(memory, base + places.scale, 1)
  const predicted = new Int32Array(N)
  let counted = 0
  return {
    begin(target) {
      counted = 0
      for (let n = 0; n < N; n++) {
        const t = target[n]
        if (t === ignoreIndex) continue
        if (!(t >= 0 && t < C)) {
          throw new RangeError(`CrossEntropyLoss: target ${t} is not a class, expected 0 to ${C - 1}`)
        }
        counted++
      }
      targets.set(target)
      scale[0] = mean ? 1 / counted : 1
    },
    end() {
      let total = 0
      for (let n = 0; n < N; n++) {
        total += Math.log(stats[4 * n + 1]) - stats[4 * n]
        predicted[n] = best[4 * n + 2]!
      }
      return { loss: mean ? total / counted : total, predicted }
    },
  }
}
