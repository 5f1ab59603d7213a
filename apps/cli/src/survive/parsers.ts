import { readFileSync } from 'node:fs'
import { parseIdx } from '@handgrad/data'
import { BundleError, parseBundle } from '@handgrad/gradcheck'
import {
  defaultGenerator,
  readSafetensors,
  SafetensorsError,
  saveSafetensors,
  tensor,
} from '@handgrad/tensor'
import { loadRunState, type RunState, RunStateError, resolveConfig, saveRunState } from '@handgrad/trainer'
import * as fc from 'fast-check'
import { encode } from 'fast-png'
import jpeg from 'jpeg-js'
import { CliError } from '../errors.ts'
import { OnnxError } from '../onnx/error.ts'
import { readOnnx } from '../onnx/read.ts'
import { decodeImage } from '../predict/decode.ts'
import { fitInto } from '../predict/fit.ts'
import { repository } from '../repository.ts'
import { idx } from '../test/idx.ts'
import { configFrom } from '../train/config-file.ts'
import { damaged, damagedText } from './malformed.ts'
import type { Tally } from './tally.ts'

/** A parser, whole inputs to spoil, and what it may throw. */
interface Parser {
  readonly name: string
  readonly inputs: fc.Arbitrary<unknown>
  /** Perhaps a promise. */
  readonly parse: (input: unknown) => unknown
  readonly isRefusal: (error: Error) => boolean
}

const of =
  (...kinds: (abstract new (...args: never[]) => Error)[]) =>
  (error: Error): boolean =>
    kinds.some((kind) => error instanceof kind)

const read = (path: string): Uint8Array => readFileSync(new URL(path, repository))

/** A small state, whole, between two epochs or within one. */
function states(): RunState[] {
  const config = resolveConfig({ model: 'mlp', threads: 1 })
  const model = { '1.weight': tensor([[1, 2]]), '1.bias': tensor([3]) }
  const tally = { batches: 1, images: 2, seconds: 1, loss: 2, correct: 1 }
  const between: RunState = {
    config,
    images: { training: 4, validation: 1, test: 2 },
    model,
    best: model,
    optimizer: { options: { lr: 0.1 }, state: [{ momentum_buffer: tensor([1]) }, {}] },
    schedule: { lastEpoch: 1, lr: 0.1 },
    generator: defaultGenerator.getState(),
    history: [],
  }
  const sampler = {
    order: Int32Array.of(2, 0, 1, 3),
    position: 2,
    exhausted: false,
    targetDtype: 'int32' as const,
  }
  const stalled = { zeroGradient: [], unmoved: ['1.bias'] }
  return [
    between,
    { ...between, within: { phase: 'train', sampler, tally, trained: null, lr: 0.1, stalled } },
  ]
}

const config = JSON.stringify({ ...resolveConfig({}), dataDir: 'bars', commit: null }, null, 2)
const bundle = JSON.stringify({
  format: 1,
  module: 'nn.ReLU',
  args: [1, [2, 3]],
  options: { inplace: false },
  mode: 'train',
  cases: [{ name: 'a', inputs: ['x'], seed: 3 }],
})
const x = tensor([1, 2])
const both = (name: string): [string, ReturnType<typeof tensor>][] => [
  [`a/float32/${name}`, x],
  [`a/float64/${name}`, tensor(Float64Array.of(1, 2))],
]
const golden = saveSafetensors(Object.fromEntries([['a/x', x], ['a/dy', x], ...both('y'), ...both('dx')]))

/** Small images of every kind that is read. */
function imageFiles(): Uint8Array[] {
  const grey = Uint8Array.from({ length: 96 }, (_, i) => (i * 37) % 256)
  const colours = { width: 12, height: 8, data: Uint8Array.from({ length: 384 }, (_, i) => (i * 71) % 256) }
  return [
    encode({ width: 12, height: 8, channels: 1, depth: 8, data: grey }),
    encode({ ...colours, channels: 4, depth: 8 }),
    encode({
      width: 12,
      height: 8,
      channels: 1,
      depth: 16,
      data: Uint16Array.from(grey, (value) => value * 257),
    }),
    new Uint8Array(jpeg.encode(colours, 80).data),
  ]
}

/** The parsers of whatever comes from outside. */
const parsers: readonly Parser[] = [
  {
    name: 'IDX',
    inputs: damaged([
      idx([2, 3, 4], new Uint8Array(24)),
      idx([5], new Uint8Array(5)),
      idx([0], new Uint8Array(0)),
    ]),
    parse: (input) => parseIdx(input as Uint8Array, 'x'),
    isRefusal: ({ message }) => message.startsWith('x: '),
  },
  {
    name: 'safetensors',
    inputs: damaged([golden, saveSafetensors({ a: tensor([[1], [2]]) }, { format: 'pt' })]),
    parse: (input) => readSafetensors(input as Uint8Array),
    isRefusal: of(SafetensorsError),
  },
  {
    name: 'checkpoint',
    inputs: damaged(
      states().map((state) => saveRunState(state)),
      'sealed',
    ),
    parse: (input) => loadRunState(input as Uint8Array),
    isRefusal: of(RunStateError, SafetensorsError),
  },
  {
    name: 'config',
    inputs: damagedText([config]),
    parse: (input) => configFrom(input as string, '/run/config.json'),
    isRefusal: of(CliError),
  },
  {
    name: 'ONNX',
    inputs: damaged(
      ['plain.onnx', 'default.onnx', 'options.onnx'].map((name) => read(`fixtures/onnx/${name}`)),
    ),
    parse: (input) =>
      readOnnx(input as Uint8Array, () => {
        throw new Error('expected a file beside the model')
      }),
    isRefusal: of(OnnxError),
  },
  {
    name: 'bundle',
    inputs: fc.oneof(
      fc.tuple(damagedText([bundle]), fc.constant(golden)),
      fc.tuple(fc.constant(bundle), damaged([golden])),
    ),
    parse: (input) => parseBundle(...(input as [string, Uint8Array])),
    isRefusal: of(BundleError, SafetensorsError),
  },
  {
    name: 'image',
    inputs: damaged(imageFiles()),
    parse: async (input) => fitInto(await decodeImage(input as Uint8Array, 0), 28, 0),
    isRefusal: ({ message }) => /^(is|has|cannot be decoded as (PNG|JPEG):) /.test(message),
  },
]

/** What an input may take. */
const limits = { seconds: 2, bytes: 256 * 2 ** 20 }

/** Gives `count` malformed inputs to each parser: it reads or refuses each in one line, soon, and in little memory. */
export async function fuzzParsers(
  count: number,
  seed: number,
  tally: Tally,
  print: (line: string) => void,
): Promise<void> {
  for (const parser of parsers) {
    const found = { refused: 0, slowest: 0, most: 0 }
    const property = fc.asyncProperty(parser.inputs, (input) => tryOne(parser, input, found))
    const result = await fc.check(property, { numRuns: count, seed: seed | 0 })
    if (result.failed) tally.fail(`${parser.name}: ${fc.defaultReportMessage(result)}`)
    else tally.pass()
    const slowest = `${(found.slowest * 1000).toFixed(0)} ms`
    print(
      `${parser.name}: ${result.numRuns} inputs, ${found.refused} refused; the slowest took ${slowest}, the largest ${(found.most / 2 ** 20).toFixed(0)} MB`,
    )
  }
}

async function tryOne(
  { parse, isRefusal }: Parser,
  input: unknown,
  found: { refused: number; slowest: number; most: number },
): Promise<void> {
  const [from, before] = [performance.now(), memory()]
  try {
    await parse(input)
  } catch (error) {
    found.refused++
    if (!(error instanceof Error) || !isRefusal(error)) throw new Error('is no refusal', { cause: error })
    if (error.message.includes('\n')) throw new Error('is of several lines', { cause: error })
    if (error.message.length > 2000) throw new Error('is a long story', { cause: error })
  }
  const seconds = (performance.now() - from) / 1000
  const bytes = memory() - before
  found.slowest = Math.max(found.slowest, seconds)
  found.most = Math.max(found.most, bytes)
  if (seconds > limits.seconds) throw new Error(`took ${seconds} s`)
  if (bytes > limits.bytes) throw new Error(`took ${bytes} bytes`)
}

function memory(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
