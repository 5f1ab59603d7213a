import { type DType, type FloatDType, type Tensor, tensor } from '@handgrad/tensor'
import type { TorchObject } from '../../torch/build.ts'
import type { RunDescription, RunRecord } from '../record.ts'

export const t = (values: number | readonly unknown[], dtype: FloatDType = 'float64'): Tensor =>
  tensor(values as number[], undefined, { dtype })

/** A record of one step that is described by hand. */
export function recordOf(
  about: Partial<Omit<RunDescription, 'model'>> & { model?: readonly TorchObject[] },
  tensors: Readonly<Record<string, Tensor<DType>>> = {},
): RunRecord {
  const { model = [], ...others } = about
  return {
    about: {
      format: 1,
      torch: '2',
      cpu: 'AVX2',
      dtype: 'float64',
      criterion: { torch: 'CrossEntropyLoss', args: {} },
      optimizer: { torch: 'SGD', options: { lr: 0.5, momentum: 0 } },
      steps: 1,
      at: [0],
      tensors: [],
      data: 'stored',
      ...others,
      model: model.map((layer, i) => ({ name: String(i), ...layer })),
    },
    tensors: { losses: t([1]), lr: t([0.5]), momentum: t([0]), ...tensors },
  }
}

export const linear = (I: number, O: number, bias = true): TorchObject => ({
  torch: 'Linear',
  args: { in_features: I, out_features: O, bias },
})
export const relu: TorchObject = { torch: 'ReLU', args: {} }
export const pool = (size: number): TorchObject => ({ torch: 'MaxPool2d', args: { kernel_size: size } })
