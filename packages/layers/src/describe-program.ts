import { type BackendName, currentBackend, formatShape, numel } from '@handgrad/tensor'
import { isFloat32, planOf } from './engine/plans.ts'
import { type ProgramData, programData } from './engine/program-data.ts'
import { programLines } from './engine/program-text.ts'
import type { Layer } from './layer.ts'
import { type LayerKernel, layersOf, type Network } from './network.ts'

/** Layers of a network that run as one program, or one layer that has none. */
export interface ProgramPart {
  /** The layers with their kernels, as `kernelPlan` has them. */
  readonly layers: readonly LayerKernel[]
  readonly inputShape: readonly number[]
  readonly outputShape: readonly number[]
  /**
   * What they run as. One program, whose way back starts from what forward has kept; two where that would be too much, or in
   * evaluation: forward's, and the way back's, which runs forward again. None where the layer's own code runs.
   */
  readonly programs: readonly ProgramData[]
}

/** What a network runs for inputs of one shape; as a string, readable text. */
export interface ProgramDescription {
  /** The network in one line. */
  readonly network: string
  readonly backend: BackendName
  readonly inputShape: readonly number[]
  readonly parts: readonly ProgramPart[]
  toString(): string
}

class Description implements ProgramDescription {
  readonly network: string
  readonly backend: BackendName
  readonly inputShape: readonly number[]
  readonly parts: readonly ProgramPart[]

  constructor(network: string, inputShape: readonly number[], parts: readonly ProgramPart[]) {
    this.network = network
    this.backend = currentBackend()
    this.inputShape = [...inputShape]
    this.parts = parts
  }

  toString(): string {
    const head = `${this.network} on ${this.backend}, input ${formatShape(this.inputShape)}`
    return [head, ...this.parts.flatMap(partLines)].join('\n')
  }
}

function partLines({ layers, inputShape, outputShape, programs }: ProgramPart): string[] {
  const head = `${formatShape(inputShape)} → ${formatShape(outputShape)}`
  return [
    '',
    head,
    ...layers.map(({ layer, kernel }) => `  ${layer}: ${kernel}`),
    ...programs.flatMap(programLines).map((line) => `  ${line}`),
  ]
}

/**
 * What `forward` and the way back of a network run for inputs of `shape` on the backend in force: programs with their
 * phases, steps, buffers and bytes, and the layers that have none. Nothing is computed, and no memory of the kernels' taken.
 * @throws Error as `forward` would for an input of this shape.
 */
export function describeProgram(net: Network, shape: readonly number[]): ProgramDescription {
  net.outputShape(shape)
  const layers = layersOf(net)
  const parts: ProgramPart[] = []
  let inputShape = [...shape]
  for (let first = 0; first < layers.length; ) {
    const part = partOf(net, layers.slice(first), inputShape)
    parts.push(part)
    first += part.layers.length
    inputShape = [...part.outputShape]
  }
  return new Description(net.describe(), shape, parts)
}

/** The layers that run together, as `Sequential.forward` finds them: a stretch of the network, or one by itself. */
function partOf(net: Network, layers: readonly Layer[], inputShape: readonly number[]): ProgramPart {
  const backend = currentBackend()
  const [layer] = layers
  // What comes out of a float64 layer is float64 for those behind it too.
  const plan =
    backend === 'reference' || numel(inputShape) === 0 || !isFloat32([net])
      ? null
      : (planOf(layers, inputShape, backend, net.training) ??
        planOf([layer], inputShape, backend, layer.training))
  if (plan === null) {
    const outputShape = layer.outputShape(inputShape)
    return {
      layers: [{ layer: layer.describe(), kernel: 'reference' }],
      inputShape,
      outputShape,
      programs: [],
    }
  }
  const named = plan.layers.map((one) => ({
    layer: one.describe(),
    kernel: plan.notes.get(one) ?? 'on its own',
  }))
  return {
    layers: named,
    inputShape,
    outputShape: plan.outputShape,
    programs: plan.programs.map(programData),
  }
}
