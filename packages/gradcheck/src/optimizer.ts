import { type DType, type FloatDType, type Tensor, tensor } from '@handgrad/tensor'
import { cast, makeTensor, resolveOptions, type Tensors } from './materialize.ts'
import type { OptimizerCase, OptimizerSpec } from './spec.ts'

/** The name under which a parameter's gradient of a step is stored. */
export function gradientName(parameter: string, step: number): string {
  return `grad.${parameter}.${step}`
}

/** All stored tensors of a case: the parameters, and their gradients of every step. */
export function optimizerTensors(spec: OptimizerSpec, item: OptimizerCase): Tensors {
  const tensors: Tensors = {}
  for (const [name, of] of Object.entries(item.params)) {
    tensors[`param.${name}`] = makeTensor(spec.name, item.name, `param.${name}`, of)
    for (let step = 1; step <= item.steps; step++) {
      if (item.without?.[name]?.includes(step)) continue
      const stored = gradientName(name, step)
      tensors[stored] = makeTensor(spec.name, item.name, stored, { ...item.gradients, shape: of.shape })
    }
  }
  return tensors
}

/** Runs all steps and gives every parameter after each: `name.step`. */
export function runOptimizer(
  spec: OptimizerSpec,
  item: OptimizerCase,
  tensors: Tensors,
  dtype: FloatDType,
): Record<string, Tensor> {
  const params = Object.keys(item.params).map((name) => cast(tensors[`param.${name}`], dtype) as Tensor)
  const optimizer = spec.create(params, resolveOptions(item.options))
  const result: Record<string, Tensor> = {}
  for (let step = 1; step <= item.steps; step++) {
    Object.keys(item.params).forEach((name, i) => {
      const gradient: Tensor<DType> | undefined = tensors[gradientName(name, step)]
      params[i].g = gradient === undefined ? null : (cast(gradient, dtype) as Tensor)
    })
    optimizer.step()
    Object.keys(item.params).forEach((name, i) => {
      result[`${name}.${step}`] = tensor(params[i].data, params[i].shape) as Tensor
    })
  }
  return result
}
