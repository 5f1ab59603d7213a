import { type Kernel, type Tensor, workspace, workspaceFloats, workspaceIntegers } from '@handgrad/tensor'
import { ownKernels } from '../kernels.ts'
import type { CrossEntropyLoss } from './cross-entropy-loss.ts'
import { isProbabilities, type Layout, type Target } from './layout.ts'

/** Samples that are in work together. */
const STRETCH = 32

/** Class indices, without weights or smoothing, that become one loss: what the kernel is for. */
export function isPlain({ weight, labelSmoothing, reduction }: CrossEntropyLoss): boolean {
  return weight === null && labelSmoothing === 0 && reduction !== 'none'
}

/** The kernel would take 2³² for 0; what no int32 can be is no target, and −1 is none that is let through. */
export function ignoredByKernel({ ignoreIndex }: CrossEntropyLoss): number {
  return ignoreIndex === (ignoreIndex | 0) ? ignoreIndex : -1
}

/** How many of the targets count. @throws RangeError for one that is not a class. */
export function countOf(target: Int32Array, C: number, ignoreIndex: number): number {
  let counted = 0
  // at least 1
  for (const t of target) {
    if (t === ignoreIndex) continue
    if (!(t >= 0 && t < C))
      throw new RangeError(`CrossEntropyLoss: target ${t} is not a class, expected 0 to ${C - 1}`)
    counted++
  }
  return counted
}

/** The samples' losses together, from what the kernel wrote of each: z[t] − max, and Σ exp(z − max). */
export function sumOf(stats: Float32Array): number {
  let total = 0
  // at least 1
  for (let at = 0; at < stats.length; at += 4) total += Math.log(stats[at + 1]) - stats[at]
  return total
}

/** Logits and targets as the kernel read them, for the way back, which ends on the kernel that it began on. */
export interface KernelPass {
  readonly kernel: Kernel
  readonly C: number
  readonly z: Float32Array
  readonly target: Int32Array
  readonly counted: number
}

/** The losses together by the kernel, and what its way back needs; null where the textbook has to run. */
export function forwardOnKernel(
  criterion: CrossEntropyLoss,
  logits: Tensor,
  { N, C, D }: Layout,
  target: Target,
): { total: number; pass: KernelPass } | null {
  const kernel = ownKernels()?.['loss-optim/cross_entropy']
  const isSmall = logits.dtype === 'float32' && D === 1 && N > 0
  if (kernel === undefined || !isSmall || !isPlain(criterion) || isProbabilities(target)) return null
  const classes = Int32Array.from(target.data as ArrayLike<number | bigint>, Number)
  const counted = countOf(classes, C, criterion.ignoreIndex)
  const pass = { kernel, C, z: Float32Array.from(logits.data), target: classes, counted }
  let total = 0
  run(criterion, pass, null, (stats) => {
    total += sumOf(stats)
  })
  return { total, pass }
}

/** The logits' gradient, where that of each sample's loss is `scale`. */
export function backwardOnKernel(criterion: CrossEntropyLoss, pass: KernelPass, scale: number): Float32Array {
  const { C } = pass
  const dz = new Float32Array(pass.z.length)
  run(criterion, pass, scale, (_, rows, from) => {
    const pitch = pitchOf(C)
    // at least 1
    for (let n = 0; n * pitch < rows.length; n++)
      for (let c = 0; c < C; c++) dz[(from + n) * C + c] = rows[n * pitch + c]
  })
  return dz
}

/** Floats from one sample to the next. */
const pitchOf = (C: number): number => Math.ceil(C / 4) * 4

/** The kernel on a stretch of samples after the other; `read` gets what it wrote of each. No gradient without `scale`. */
function run(
  criterion: CrossEntropyLoss,
  { kernel, C, z, target }: KernelPass,
  scale: number | null,
  read: (stats: Float32Array, gradient: Float32Array, from: number) => void,
): void {
  const pitch = pitchOf(C)
  const N = target.length
  const room = Math.min(N, STRETCH)
  const at = {
    scale: 0,
    targets: 64,
    stats: 64 + room * 4,
    z: 64 + room * 20,
    g: 64 + room * (20 + pitch * 4),
  }
  const base = workspace(at.g + room * pitch * 4)
  workspaceFloats(at.scale, 1)[0] = scale ?? 0
  // at least 1
  for (let from = 0; from < N; from += room) {
    const count = Math.min(room, N - from)
    workspaceIntegers(at.targets, count).set(target.subarray(from, from + count))
    const rows = workspaceFloats(at.z, count * pitch)
    // at least 1
    for (let n = 0; n < count; n++) for (let c = 0; c < C; c++) rows[n * pitch + c] = z[(from + n) * C + c]
    const g = scale === null ? 0 : base + at.g
    kernel(
      count,
      C,
      base + at.z,
      base + at.targets,
      ignoredByKernel(criterion),
      base + at.scale,
      g,
      base + at.stats,
    )
    read(workspaceFloats(at.stats, count * 4), workspaceFloats(at.g, count * pitch), from)
  }
}
