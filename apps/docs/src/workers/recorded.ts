import type { Layer } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { type DType, manualSeed, readSafetensors, type Tensor } from '@handgrad/tensor'
import { softmax } from '../../../cli/src/softmax.ts'
import { modelOf, passThrough, plain, stagesOf, withReads } from './look.ts'
import type { Look, Plain, Stage } from './protocol.ts'

type Tensors = Readonly<Record<string, Tensor<DType>>>

interface Recorded {
  readonly tensors: Tensors
  readonly metadata: Readonly<Record<string, string>>
  /** Our own pass over the same batch: of all images. */
  readonly ours: readonly Stage[]
  readonly layers: readonly Layer[]
  readonly loss: number
}

let recorded: Promise<Recorded> | null = null

/** Some servers say that a file is gzipped, and browsers unpack those; with others that is left to us. */
async function unpacked(buffer: ArrayBuffer): Promise<Uint8Array> {
  const bytes = new Uint8Array(buffer)
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  const stream = new Blob([buffer]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

async function load(): Promise<Recorded> {
  const response = await fetch(`${import.meta.env.BASE_URL.replace(/\/$/, '')}/recorded/step.safetensors.gz`)
  if (!response.ok) throw new Error(`the recorded run: HTTP ${response.status}`)
  const { tensors, metadata = {} } = readSafetensors(await unpacked(await response.arrayBuffer()))
  return { tensors, metadata, ...passBatch(tensors, Number(metadata.seed)) }
}

/** The same batch through the same weights, which are drawn here from the same seed. */
function passBatch({ x, y }: Tensors, seed: number): Pick<Recorded, 'ours' | 'layers' | 'loss'> {
  const layers = modelOf('seed', () => manualSeed(seed)).flat()
  const values = passThrough(layers, x as Tensor)
  const criterion = new CrossEntropyLoss()
  const loss = criterion.forward(values.at(-1)!, y as Tensor<'int32'>).item()
  criterion.bwd()
  for (const layer of layers.toReversed()) layer.bwd()
  return { ours: stagesOf(layers, values), layers, loss }
}

/** One image of a batch. */
function imageOf({ shape: [, ...rest], data }: Plain, image: number): Plain {
  const size = rest.reduce((product, extent) => product * extent, 1)
  return { shape: [1, ...rest], data: data.slice(image * size, (image + 1) * size) }
}

function besides(stage: Stage, i: number, image: number, tensors: Tensors): Stage {
  const of = (name: string): Plain => imageOf(plain(tensors[`torch.${name}`] as Tensor), image)
  return {
    ...stage,
    value: imageOf(stage.value, image),
    gradient: imageOf(stage.gradient, image),
    torch:
      i === 0
        ? { value: of('x'), gradient: of('dx') }
        : { value: of(`y.${i - 1}`), gradient: of(`dy.${i - 1}`) },
    parameters: stage.parameters.map((parameter) => ({
      ...parameter,
      torch: {
        places: Int32Array.from(tensors[`places.${i - 1}.${parameter.name}`].data, Number),
        values: plain(tensors[`torch.d.${i - 1}.${parameter.name}`] as Tensor).data,
      },
    })),
  }
}

/** One image of a recorded batch, computed here, beside what PyTorch computed. */
export async function lookAtRecorded(image: number): Promise<Look> {
  recorded ??= load()
  const { tensors, metadata, ours, layers, loss } = await recorded
  const stages = withReads(
    layers,
    ours.map((stage, i) => besides(stage, i, image, tensors)),
  )
  const logits = stages.at(-1)!.value
  return {
    stages,
    probabilities: softmax(logits.data),
    predicted: logits.data.indexOf(Math.max(...logits.data)),
    label: Number(tensors.y.data[image]),
    loss,
    recorded: {
      torch: metadata.torch,
      seed: Number(metadata.seed),
      step: Number(metadata.step),
      batch: tensors.y.data.length,
      loss: Number(tensors.loss.data[0]),
    },
  }
}
