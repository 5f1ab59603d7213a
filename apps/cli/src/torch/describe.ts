import type { Layer, Sequential } from '@handgrad/layers'
import { CliError } from '../errors.ts'
import { ownCodeIn } from '../network/own-code.ts'
import type { TorchObject } from './build.ts'

/** A layer's arguments by our names: the positional ones, and those with a default. */
interface Arguments {
  readonly positional: readonly string[]
  readonly defaults: (layer: Fields) => Readonly<Record<string, unknown>>
}

type Fields = Readonly<Record<string, unknown>>

const convolution: Arguments = {
  positional: ['inChannels', 'outChannels', 'kernelSize'],
  defaults: () => ({ stride: 1, padding: 0, dilation: 1, groups: 1, bias: true }),
}

const known: Readonly<Record<string, Arguments>> = {
  Conv1d: convolution,
  Conv2d: convolution,
  Linear: { positional: ['inFeatures', 'outFeatures'], defaults: () => ({ bias: true }) },
  MaxPool2d: {
    positional: ['kernelSize'],
    defaults: ({ kernelSize }) => ({ stride: kernelSize, padding: 0, dilation: 1, ceilMode: false }),
  },
  ReLU: { positional: [], defaults: () => ({}) },
  Flatten: { positional: [], defaults: () => ({ startDim: 1, endDim: -1 }) },
  Dropout: { positional: ['p'], defaults: () => ({}) },
}

/** A pair of equal numbers as the number, as one would write it. */
function short(value: unknown): unknown {
  return Array.isArray(value) && value.length === 2 && value[0] === value[1] ? value[0] : value
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/**
 * The layer of torch.nn that is the same as `layer`, with the arguments that differ from its defaults.
 * @throws CliError for a layer that this program cannot hand over.
 */
export function torchOf(layer: Layer): TorchObject {
  const torch = layer.constructor.name
  const found = known[torch]
  if (found === undefined) throw new CliError(`${layer.describe()} cannot be exported`)
  const fields = layer as unknown as Fields
  const valueOf = (name: string): unknown => short(name === 'bias' ? fields[name] !== null : fields[name])
  const positional = found.positional.map((name) => [snakeCase(name), valueOf(name)])
  const options = Object.entries(found.defaults(fields))
    .filter(([name, value]) => valueOf(name) !== short(value))
    .map(([name]) => [snakeCase(name), valueOf(name)])
  return { torch, args: Object.fromEntries([...positional, ...options]) }
}

function python(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `(${value.map(python).join(', ')})`
  return typeof value === 'string' ? `"${value}"` : String(value)
}

/** A layer as one writes it in Python: `nn.Conv2d(1, 8, 3, padding=1)`. */
function sourceOf(layer: Layer): string {
  const { torch, args } = torchOf(layer)
  const count = known[torch].positional.length
  const written = Object.entries(args).map(([name, value], i) =>
    i < count ? python(value) : `${name}=${python(value)}`,
  )
  return `nn.${torch}(${written.join(', ')})`
}

/**
 * A network as Python, a layer a line, each indented by `indent`.
 * @throws CliError for one that computes by code of the user's.
 */
export function networkSource(net: Sequential, indent: string): string {
  const own = ownCodeIn(net)
  if (own !== null)
    throw new CliError(`${own.describe()} computes by code of its own, and cannot be exported`)
  const lines = net.layers.map((layer) => `${indent}    ${sourceOf(layer)},\n`)
  return `nn.Sequential(\n${lines.join('')}${indent})`
}
