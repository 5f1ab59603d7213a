import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Setting } from './serve.ts'
import type { MedianRange, Range } from './stats.ts'

/**
 * What `bench --save` writes to `bench/results.json`: see `bench/README.md`. Each part was measured by one command and
 * says of which sources; a reader refuses a part whose `sources` are not {@link sourcesHash}.
 */
export interface Report {
  readonly schema: 1
  readonly machine: Machine
  readonly speed?: Part<Speed>
  readonly kernels?: Part<KernelFigures>
  readonly 'own-layer'?: Part<OwnLayer>
  readonly memory?: Part<Memory>
  readonly accuracy?: Part<Accuracy>
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGB: number
  readonly os: string
  readonly node: string
}

export type PartName = 'speed' | 'kernels' | 'own-layer' | 'memory' | 'accuracy'

/** A part with its origin. */
export type Part<T> = T & {
  /** ISO 8601, when it was finished. */
  readonly date: string
  readonly commit: string
  /** {@link sourcesHash} of what was measured. */
  readonly sources: string
  readonly command: string
  /** How long it took. */
  readonly seconds: number
}

export interface Speed {
  readonly pairs: number
  readonly milliseconds: number
  /** Peers by name with their versions. */
  readonly versions: Readonly<Record<string, string>>
  readonly settings: readonly SpeedSetting[]
}

/** One network at one batch size, forwards (`infer`) or both ways with the update (`train`). */
export interface SpeedSetting {
  readonly network: string
  readonly mode: 'train' | 'infer'
  readonly batch: number
  readonly speeds: readonly SpeedRow[]
  readonly ratios: readonly RatioRow[]
  /** Who could not be measured, and why. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[]
}

/** Images per second of one contender on so many threads. */
export interface SpeedRow {
  readonly name: string
  readonly configuration: string
  readonly threads: number
  readonly ours: boolean
  readonly imagesPerSecond: Range
  /** What every configuration of this name reached when the fastest was looked for. */
  readonly tried: readonly { readonly configuration: string; readonly imagesPerSecond: number }[]
}

/** How many times as fast the first is as the second: over the pairs that count, null when none does. */
export interface RatioRow {
  readonly name: string
  readonly threads: number
  readonly against: string
  readonly againstThreads: number
  readonly ratio: Range | null
  readonly counted: number
  readonly run: number
}

export interface KernelFigures {
  readonly runs: readonly KernelRun[]
  readonly growth: readonly Growth[]
}

/** Every kernel of one planned training step, on one thread. */
export interface KernelRun {
  readonly network: string
  readonly batch: number
  readonly backend: string
  readonly turbo: boolean
  /** Multiply-adds in registers and first cache, 2 operations each, and copying 64 MB, measured in the same process. */
  readonly peakGFLOPS: number
  readonly copyGBs: number
  readonly kernels: readonly KernelRow[]
}

export interface KernelRow {
  readonly kernel: string
  /** What it computes, where that is known. */
  readonly role: string
  readonly microsecondsPerImage: number
  /** Share of the whole step's time. */
  readonly share: number
  /** Of the dense operation: a kernel that skips zeros can exceed the peak. Null where nothing is multiplied. */
  readonly gflops: number | null
  readonly shareOfPeak: number | null
  /** Inputs read and outputs written once; null where the sizes are not known. */
  readonly gigabytesPerSecond: number | null
}

/** How the time of a training step grows with one quantity. */
export interface Growth {
  readonly quantity: 'batch' | 'channels' | 'threads'
  readonly network: string
  readonly points: readonly { readonly value: number; readonly microsecondsPerImage: number }[]
}

/** README's loop with one layer of one's own, on one thread, beside the loop without. */
export interface OwnLayer {
  readonly rows: readonly OwnLayerRow[]
}

export interface OwnLayerRow {
  /** Where in the seed's network the layer is: one more, or in the place of one. */
  readonly place: 'behind the second pool' | 'first ReLU'
  /** Time beyond the loop without it, less its own two passes alone, in parts of the loop without. */
  readonly part: Range
}

export interface Memory {
  readonly runs: readonly { readonly command: string; readonly largestResidentMB: number }[]
}

/** Time to an accuracy, of ours and of PyTorch following the same recipe. */
export interface Accuracy {
  readonly goals: readonly Goal[]
}

export interface Goal {
  readonly preset: string
  readonly accuracy: number
  readonly recipe: Readonly<Record<string, unknown>>
  readonly contenders: readonly GoalRow[]
}

export interface GoalRow {
  readonly name: string
  /** From the start of the process to its end. */
  readonly seconds: Range
  readonly testAccuracy: Range
  /** Whether the median reached the accuracy. */
  readonly reached: boolean
  readonly runs: readonly { readonly seed: number; readonly seconds: number; readonly testAccuracy: number }[]
}

/** What `bench --compare` found, a {@link Part} for `--json`; it is not saved. */
export interface Comparison {
  /** What the part's commit does not hold of ours. */
  readonly own: { readonly changed: readonly string[] }
  readonly other: { readonly commit: string }
  readonly rows: readonly ComparedRow[]
  readonly leftOut: readonly (Setting & { readonly turbo: boolean; readonly reason: string })[]
}

export interface ComparedSetting extends Setting {
  readonly turbo: boolean
  readonly backend: string
  readonly threads: number
}

/** Our build over the other one at a setting: above 1, ours is faster. */
export interface ComparedRow extends ComparedSetting {
  readonly ratio: MedianRange
  /** The ratio of each pair of processes. */
  readonly pairs: readonly number[]
  /** Medians; they drift with the machine, the ratio does not. */
  readonly imagesPerSecond: { readonly own: number; readonly other: number }
}

const root = fileURLToPath(new URL('../../../../', import.meta.url))
/** What is proved, tested or written by the build does not change what is measured. */
const OTHER = /\.(proof|test)\.ts$|\/(spec|specs|derivation|mutants)\.ts$|\.generated\.ts$|\/test\//

/** SHA-256 of all that `train` runs: the packages' sources and presets without tests and proofs, and the lockfile. */
export function sourcesHash(folder: string = root): string {
  const files = globSync('packages/{tensor,layers,loss-optim,data,trainer}/src/**/*.{ts,json}', {
    cwd: folder,
  })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !OTHER.test(file))
    .sort()
  const hash = createHash('sha256')
  for (const file of [...files, 'pnpm-lock.yaml']) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n'))
      .update('\0')
  }
  return hash.digest('hex')
}
