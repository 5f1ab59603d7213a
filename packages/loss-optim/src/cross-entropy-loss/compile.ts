import { type Buffer, COUNT, type Compiler, type Loaded, sameShape, type Value } from '@handgrad/tensor'
import { kernelName } from '../kernels.ts'
import type { CrossEntropyLoss } from './cross-entropy-loss.ts'
import { countOf, ignoredByKernel, isPlain, sumOf } from './on-kernel.ts'

/** What a batch came to: its loss, and the class with the largest logit for each sample. */
export interface LossResult {
  loss: number
  /** The same array after every batch. */
  predicted: Int32Array
}

/** The loss of a planned network: its gradient's place, and how a batch begins and ends. */
export interface CompiledLoss {
  /** Where the logits' gradient lies, where there is a way back. */
  readonly gradient: Value | null
  /** The loss over a program in memory. */
  bind(loaded: Loaded): BoundLoss
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
  const vector = sameShape([z.rank, z.H, z.W], [2, 1, 1]) && z.image === Math.ceil(z.C / 4) * 16
  if (!isPlain(criterion) || !vector) return null
  const targets = c.take('batch', 4)
  const stats = c.take('batch', 16)
  const scale = c.take('fixed', 4)
  const gradient = c.returns ? c.image(z.C, 1, 1, {}, 2) : null
  const ends = [ignoredByKernel(criterion), scale, gradient?.ref ?? 0, stats] as const
  c.call(kernelName('cross_entropy'), COUNT, z.C, z.ref, targets, ...ends)
  const places = { targets: targets.buffer, stats: stats.buffer, scale: scale.buffer }
  return { gradient, bind: (loaded) => bind(criterion, loaded, places, { N: c.samples, C: z.C }) }
}

function bind(
  criterion: CrossEntropyLoss,
  loaded: Loaded,
  places: Readonly<Record<'targets' | 'stats' | 'scale', Buffer>>,
  { N, C }: { N: number; C: number },
): BoundLoss {
  const targets = loaded.integers(places.targets, N)
  const stats = loaded.floats(places.stats, 4 * N)
  const best = loaded.integers(places.stats, 4 * N)
  const scale = loaded.floats(places.scale, 1)
  const predicted = new Int32Array(N)
  const isMean = criterion.reduction === 'mean'
  let counted: number
  return {
    begin(target) {
      counted = countOf(target, C, criterion.ignoreIndex)
      targets.set(target)
      scale[0] = isMean ? 1 / counted : 1
    },
    end() {
      const total = sumOf(stats)
      for (let n = 0; n < N; n++) predicted[n] = best[4 * n + 2]
      return { loss: isMean ? total / counted : total, predicted }
    },
  }
}
