import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { backends } from '@handgrad/tensor'
import { repository } from '../repository.ts'
import type { Launch } from './program.ts'
import type { Setting } from './serve.ts'

/** Who is measured. Of several contenders of one `name`, the fastest at a setting stands for it. */
export interface Contender {
  readonly name: string
  /** What sets it apart from others of its name. */
  readonly configuration: string
  readonly ours: boolean
  readonly launch: Launch
  /** The thread counts, of those wanted, that it can make use of at a setting; none where it cannot run it. */
  threads(setting: Setting, wanted: readonly number[]): readonly number[]
  /** How long it may take to get ready, in milliseconds. */
  readonly patience: number
}

/** The names that `--peers` knows. */
export const peerNames = ['pytorch', 'onnxruntime', 'tfjs', 'jax-js', 'convnetjs'] as const
export type PeerName = (typeof peerNames)[number]

const bench = fileURLToPath(new URL('../../../../bench/', import.meta.url))
export const PATIENCE_MS = 30_000
const COMPILE_PATIENCE_MS = 150_000

/** glibc gives memory back and takes it again at every step unless told: PyTorch at its best is told. */
export const keepMemory = {
  MALLOC_MMAP_THRESHOLD_: '1000000000',
  MALLOC_TRIM_THRESHOLD_: '1000000000',
  MALLOC_TOP_PAD_: '100000000',
}

const all = (_: Setting, wanted: readonly number[]): readonly number[] => wanted
const single = (_: Setting, wanted: readonly number[]): readonly number[] => wanted.filter((n) => n === 1)
const onlyFor =
  (modes: readonly string[], threads: Contender['threads']): Contender['threads'] =>
  (setting, wanted) =>
    modes.includes(setting.mode) ? threads(setting, wanted) : []

/** How a checkout of ours is started, to be measured on a backend; `words` as the script has them. */
export const ourLaunch = (
  checkout: string,
  mnist: string,
  backend: string,
  words: readonly string[],
): Launch => ({ command: process.execPath, args: [join(checkout, ourScript), mnist, backend, ...words] })

/** The program that is measured, in a checkout. */
export const ourScript = 'apps/cli/src/bench/ours.ts'

/**
 * Ours: the trainer's step on every backend of this machine; on the last one README's loop too, with and without the
 * gradient of the images, and the trainer's step with V8 joining pairs of 128-bit operations.
 */
export function ourContenders(mnist: string): Contender[] {
  const make = (backend: string, ...words: string[]): Contender => ({
    name: ['handgrad', backend, ...words].join(' '),
    configuration: words.join(' '),
    ours: true,
    launch: ourLaunch(fileURLToPath(repository), mnist, backend, words),
    threads: backend === 'reference' ? single : words.includes('loop') ? onlyFor(['train'], all) : all,
    patience: PATIENCE_MS,
  })
  const best = backends().at(-1)!
  const ways = best === 'reference' ? [] : [['loop'], ['loop', 'without-dx'], ['turbo']]
  return [...backends().map((name) => make(name)), ...ways.map((words) => make(best, ...words))]
}

/** The peers of `names` that are installed. */
export function peers(
  names: readonly PeerName[],
  mnist: string,
  python: string | null,
  compile: boolean,
): Contender[] {
  const installed = (name: PeerName): boolean => (name === 'pytorch' ? python !== null : hasPackage(name))
  const made: Readonly<Record<PeerName, () => Contender[]>> = {
    pytorch: () => pytorch(mnist, python!, compile),
    onnxruntime: () => [node('onnxruntime-node', 'onnxruntime', '', onlyFor(['infer'], all), mnist)],
    // One process per backend: they share nothing, and the faster one counts where both can.
    tfjs: () => ['wasm', 'cpu'].map((backend) => node('TensorFlow.js', 'tfjs', backend, single, mnist)),
    'jax-js': () => [node('jax-js', 'jax-js', '', single, mnist)],
    convnetjs: () => [node('ConvNetJS', 'convnetjs', '', single, mnist)],
  }
  return names.filter(installed).flatMap((name) => made[name]())
}

/** Where a JavaScript peer's package lies under `bench/node_modules`. */
export const packageOf: Readonly<Record<Exclude<PeerName, 'pytorch'>, string>> = {
  onnxruntime: 'onnxruntime-node',
  tfjs: '@tensorflow/tfjs',
  'jax-js': '@jax-js/jax',
  convnetjs: 'convnetjs',
}

export const hasPackage = (name: Exclude<PeerName, 'pytorch'>): boolean =>
  existsSync(`${bench}node_modules/${packageOf[name]}`)

function node(
  name: string,
  file: string,
  variant: string,
  threads: Contender['threads'],
  mnist: string,
): Contender {
  const args = [`${bench}peers/${file}.mjs`, mnist, ...(variant === '' ? [] : [variant])]
  const launch = { command: process.execPath, args }
  return { name, configuration: variant, ours: false, launch, threads, patience: PATIENCE_MS }
}

/**
 * Two processes of each memory format, with and without glibc told to keep memory: it runs at one of two speeds. Those of
 * the default format are in training a name of their own too: what somebody measures who writes the loop down.
 */
function pytorch(mnist: string, python: string, compile: boolean): Contender[] {
  const make = (variant: string, keep: boolean, extra: Partial<Contender> = {}): Contender => ({
    name: 'PyTorch',
    configuration: keep ? `${variant}, malloc thresholds raised` : variant,
    ours: false,
    launch: {
      command: python,
      args: [`${bench}peers/pytorch.py`, mnist, variant],
      env: keep ? keepMemory : {},
    },
    threads: all,
    patience: PATIENCE_MS,
    ...extra,
  })
  const eager = ['default', 'channels_last'].flatMap((variant) => [make(variant, true), make(variant, false)])
  const large: Contender['threads'] = ({ mode, batch }, wanted) =>
    mode === 'train' && batch >= 64 ? wanted : []
  const compiled = make('compile', true, { threads: large, patience: COMPILE_PATIENCE_MS })
  const asWritten = [true, false].map((keep) =>
    make('default', keep, { name: 'PyTorch, default format', threads: onlyFor(['train'], all) }),
  )
  return [...eager, make('channels_last', true), ...(compile ? [compiled] : []), ...asWritten]
}
