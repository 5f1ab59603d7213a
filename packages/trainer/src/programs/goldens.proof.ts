import { numel, type Tensor, tensor } from '@handgrad/tensor'
import { build, isLayer } from './build.proof.ts'
import type { LayerCase, NetworkCase } from './case.proof.ts'
import { type Expected, type ExpectedPass, masksOf, type Range } from './expected.proof.ts'
import goldens from './goldens.json' with { type: 'json' }
import { networkOf } from './networks.proof.ts'
import { batchOf } from './values.proof.ts'

/** What fixtures/export.py reads: a module of torch.nn with its arguments. */
interface TorchModule {
  readonly module: string
  readonly args: readonly unknown[]
  readonly options: Readonly<Record<string, unknown>>
}

/** A network that PyTorch has computed too: one batch of it, in training. */
export interface GoldenCase {
  readonly name: string
  readonly network: NetworkCase
}

/** The networks of goldens.json, which were chosen by what their layers become: folds, kernels, layouts. */
export const goldenCases: readonly GoldenCase[] = goldens as readonly GoldenCase[]

/** A network of the generator as a case. It is kept as data, since another generator draws another network from the seed. */
export function goldenOf(seed: number): GoldenCase {
  const network = networkOf(seed)
  return { name: `network-${seed}`, network: { ...network, batches: network.batches.slice(0, 1) } }
}

/** `ceilMode` → `ceil_mode` */
const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const forTorch = (options: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [snakeCase(name), value]))

function torchModule({ module, args, options }: LayerCase): TorchModule {
  const own = args.map((arg) => (isLayer(arg) ? torchModule(arg) : arg))
  return { module: `nn.${module}`, args: own, options: forTorch(options) }
}

/** A case as fixtures/export.py reads it: the layers with the loss behind them. */
export function entryOf({ name, network }: GoldenCase): object {
  const loss = { module: 'nn.CrossEntropyLoss', args: [], options: forTorch(network.loss.options) }
  return {
    name,
    torch: 'nn.Sequential',
    args: [...network.layers.map(torchModule), loss],
    options: {},
    inputs: ['x', 'target'],
    mode: 'train',
    seed: masksOf(network, 0),
    hash: JSON.stringify(network),
  }
}

/** The tensors that PyTorch starts from: images, targets and weights, in float32, and the gradient of the loss, 1. */
export function tensorsOf({ network }: GoldenCase): Record<string, Tensor> {
  const net = build(network)
  const { x, y } = batchOf(network, 0, net.outputShape([network.batches[0], ...network.sample]))
  const parameters = net.namedParameters().map(([name, value]) => [`param.${name}`, value] as const)
  return { x, target: y as Tensor, dy: tensor(1), ...Object.fromEntries(parameters) }
}

/** The expected pass with PyTorch's float64 numbers in place of ours. */
export function withGoldens(
  expected: Expected,
  name: string,
  golden: Readonly<Record<string, { data: ArrayLike<number | bigint> }>>,
): Expected {
  const from = (key: string, range: Range): Range => {
    const values = Float64Array.from(golden[`${name}/float64/${key}`].data, Number)
    if (values.length !== numel(range.shape)) throw new Error(`${name}/${key} has ${values.length} elements`)
    return { ...range, values }
  }
  const ofPass = ({ loss, logits, gradients, drawn }: ExpectedPass): ExpectedPass => ({
    loss: from('y', loss),
    logits,
    gradients: gradients.map((own) => from(`d${own.name}`, own)),
    drawn,
  })
  return { batches: expected.batches.map(({ train, evaluate }) => ({ train: ofPass(train), evaluate })) }
}
