import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Contender } from './contender.ts'

/** What is measured: one row of the table. */
export interface Setting {
  readonly network: string
  readonly batch: number
  readonly mode: 'train' | 'infer'
  readonly threads: number
}

/** A competitor: the fastest of its processes is the one that counts. */
export interface Peer {
  readonly name: string
  readonly processes: readonly Contender[]
}

const bench = fileURLToPath(new URL('../../../../bench/', import.meta.url))
const ours = fileURLToPath(new URL('./ours.ts', import.meta.url))

/** glibc gives memory back and takes it again at every step unless told: PyTorch at its best is told. */
const keepMemory = {
  MALLOC_MMAP_THRESHOLD_: '1000000000',
  MALLOC_TRIM_THRESHOLD_: '1000000000',
  MALLOC_TOP_PAD_: '100000000',
}

const argumentsOf = ({ network, batch, mode, threads }: Setting): string[] => [
  network,
  String(batch),
  mode,
  String(threads),
]

/** Ours on one backend; `turbo` lets V8 join pairs of 128-bit operations. */
export function ourContender(setting: Setting, backend: string, turbo: boolean): Contender {
  const flags = turbo ? ['--experimental-wasm-revectorize'] : []
  const name = `handgrad ${backend}${turbo ? ' turbo' : ''}`
  return { name, command: process.execPath, args: [...flags, ours, ...argumentsOf(setting), backend] }
}

/** The peers that can do a setting. */
export function peersFor(setting: Setting, python: string | null): Peer[] {
  const args = argumentsOf(setting)
  const node = (file: string, name: string): Peer => ({
    name,
    processes: [{ name, command: process.execPath, args: [`${bench}peers/${file}.mjs`, ...args] }],
  })
  const installed = existsSync(`${bench}node_modules`)
  const training = setting.mode === 'train'
  // These compute on one thread whatever they are told.
  const slow = installed && training && setting.threads === 1 && setting.batch <= 64
  return [
    ...(python === null ? [] : [pytorch(args, python)]),
    ...(installed && !training
      ? [node('onnxruntime', 'onnxruntime-node'), node('tfjs', 'TensorFlow.js WASM')]
      : []),
    ...(slow ? [node('convnetjs', 'ConvNetJS'), node('tfjs', 'TensorFlow.js CPU')] : []),
  ]
}

/** PyTorch runs at one of two speeds, process by process: two of each memory format are started. */
function pytorch(args: readonly string[], python: string): Peer {
  const variants = ['default', 'default', 'channels_last', 'channels_last']
  const processes = variants.map((variant) => ({
    name: `PyTorch ${variant}`,
    command: python,
    args: [`${bench}peers/pytorch.py`, ...args, variant],
    env: keepMemory,
  }))
  return { name: 'PyTorch', processes }
}
