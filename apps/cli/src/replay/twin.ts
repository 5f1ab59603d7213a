import { type Layer, Sequential } from '@handgrad/layers'
import type { CrossEntropyLoss, Optimizer } from '@handgrad/loss-optim'
import { type DType, defaultGenerator, type FloatDType, type Tensor, tensor } from '@handgrad/tensor'
import { criterionFromTorch, layerFromTorch, optimizerFromTorch } from '../torch/build.ts'
import { type RunRecord, recorded, recordedNumber } from './record.ts'

/** Tensors by the names that fixtures/record.py gives them. */
export type Named = Record<string, Tensor>

/** A network, its loss and its optimizer as the record describes them, in our own code. */
export class Twin {
  readonly record: RunRecord
  readonly net: Sequential
  readonly criterion: CrossEntropyLoss
  readonly optimizer: Optimizer<{ lr: number }>
  /** Where the generator stood before each layer of the last pass: empty in a run without dropout. */
  readonly #drawnFrom = new Map<Layer, Uint8Array>()

  /** The parameters are drawn from the default generator. */
  constructor(record: RunRecord, dtype: FloatDType = record.about.dtype) {
    this.record = record
    const { model, criterion, optimizer } = record.about
    this.net = new Sequential(...model.map((layer) => layerFromTorch(layer, dtype)))
    this.criterion = criterionFromTorch(criterion, dtype)
    this.optimizer = optimizerFromTorch(optimizer, this.net.parameters())
  }

  /** The layers with their names in PyTorch's state dict, which count differently where Sequentials are nested. */
  get layers(): [name: string, layer: Layer][] {
    return this.net.layers.map((layer, i) => [this.record.about.model[i].name, layer])
  }

  /** The parameters with their names in PyTorch's state dict. */
  get parameters(): [name: string, parameter: Tensor][] {
    return this.layers.flatMap(([name, layer]) =>
      layer.namedParameters().map(([own, value]): [string, Tensor] => [`${name}.${own}`, value]),
    )
  }

  /** Takes over PyTorch's state before step `t`: parameters, buffers, the optimizer's tensors and options, generator. */
  restore(t: number): void {
    for (const [name, layer] of this.layers) {
      const state = Object.keys(layer.stateDict()).map((own) => [
        own,
        recorded(this.record, `${t}/state.${name}.${own}`) as Tensor,
      ])
      layer.loadStateDict(Object.fromEntries(state))
    }
    this.#restoreOptimizer(t)
    this.follow(t)
  }

  #restoreOptimizer(t: number): void {
    const state = this.net.parameters().map((parameter, i) => {
      const prefix = `${t}/optimizer.${i}.`
      const keys = Object.keys(this.record.tensors).filter((key) => key.startsWith(prefix))
      return Object.fromEntries(
        keys.map((key) => {
          const kept = recorded(this.record, key)
          return [
            key.slice(prefix.length),
            kept.shape.length === 0 ? (kept as Tensor) : as(kept, parameter.dtype),
          ]
        }),
      )
    })
    this.optimizer.loadStateDict({ options: this.optimizer.options, state })
  }

  /** Sets what a schedule had set in PyTorch for step `t`, and the generator where the run has dropout. */
  follow(t: number): void {
    const options = this.optimizer.options as Record<string, unknown>
    options.lr = recordedNumber(this.record, 'lr', t)
    const momentum = recordedNumber(this.record, 'momentum', t)
    if ('momentum' in options) options.momentum = momentum
    else options.betas = [momentum, (options.betas as number[])[1]]
    const rng = this.record.tensors.rng
    if (rng === undefined) return
    const size = rng.shape[1]
    defaultGenerator.setState((rng.data as Uint8Array).slice(t * size, (t + 1) * size))
  }

  /** Forward and backward of one batch; every tensor on the way, by name. The optimizer is not asked. */
  pass(x: Tensor, y: Tensor<DType>): Named {
    const kept: Named = { x }
    let output = x
    for (const [name, layer] of this.layers) {
      if (this.record.tensors.rng !== undefined) this.#drawnFrom.set(layer, defaultGenerator.getState())
      output = layer.forward(output)
      kept[`y.${name}`] = output
    }
    kept.loss = this.criterion.forward(output, y as Tensor<'int32'>)
    this.net.zeroGrad()
    this.criterion.bwd()
    this.net.backward()
    for (const [name] of this.layers) kept[`dy.${name}`] = kept[`y.${name}`].g!
    kept.dx = x.g!
    for (const [name, parameter] of this.parameters) {
      kept[`p.${name}`] = parameter.clone()
      kept[`d.${name}`] = parameter.g!
    }
    return kept
  }

  /** One layer's gradient of its input for another input and upstream gradient, with the mask of the last pass. */
  passLayer(layer: Layer, x: Tensor, dy: (y: Tensor) => Tensor): { y: Tensor; dx: Tensor } {
    const state = this.#drawnFrom.get(layer)
    if (state !== undefined) defaultGenerator.setState(state)
    const y = layer.forward(x)
    y.g = dy(y)
    layer.zeroGrad()
    layer.bwd()
    return { y, dx: x.g! }
  }

  /** The optimizer's step; the parameters after it, by name. */
  step(): Named {
    this.optimizer.step()
    return Object.fromEntries(this.parameters.map(([name, value]) => [`next.${name}`, value.clone()]))
  }
}

/** The same values in another floating-point type. */
export function as(value: Tensor<DType>, dtype: FloatDType): Tensor {
  return tensor(value.data, value.shape, { dtype })
}
