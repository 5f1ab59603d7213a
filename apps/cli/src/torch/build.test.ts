import { Conv1d, Dropout, Linear, MaxPool2d } from '@handgrad/layers'
import { Adam, CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { type Tensor, tensor } from '@handgrad/tensor'
import { describe, expect, it } from 'vitest'
import { camelCase, criterionFromTorch, layerFromTorch, optimizerFromTorch } from './build.ts'

it('names of torch are spelled as ours', () => {
  expect(['lr', 'weight_decay', 'track_running_stats'].map(camelCase)).toEqual([
    'lr',
    'weightDecay',
    'trackRunningStats',
  ])
})

describe('a layer from its description', () => {
  it('takes its first arguments by their place, the others by name', () => {
    const pool = layerFromTorch(
      { torch: 'MaxPool2d', args: { kernel_size: 3, stride: 2, ceil_mode: true } },
      'float32',
    )
    expect(pool).toBeInstanceOf(MaxPool2d)
    expect(pool).toMatchObject({ kernelSize: [3, 3], stride: [2, 2], padding: [0, 0], ceilMode: true })
    const linear = layerFromTorch(
      { torch: 'Linear', args: { in_features: 3, out_features: 2, bias: false } },
      'float64',
    )
    expect(linear).toBeInstanceOf(Linear)
    expect(linear).toMatchObject({ inFeatures: 3, outFeatures: 2, bias: null })
  })

  it('a convolution of lines has its numbers as torch keeps them, one in a tuple', () => {
    const args = {
      in_channels: 4,
      out_channels: 6,
      kernel_size: [5],
      stride: [2],
      padding: [1],
      dilation: [3],
      groups: 2,
    }
    const conv = layerFromTorch({ torch: 'Conv1d', args }, 'float64')
    expect(conv).toBeInstanceOf(Conv1d)
    expect(conv).toMatchObject({ kernelSize: 5, stride: 2, padding: 1, dilation: 3, groups: 2 })
    expect(conv.stateDict()).toMatchObject({
      weight: { shape: [6, 2, 5], dtype: 'float64' },
      bias: { shape: [6] },
    })
  })

  it('Dropout has its share by place, or by default', () => {
    expect((layerFromTorch({ torch: 'Dropout', args: { p: 0.25 } }, 'float32') as Dropout).p).toBe(0.25)
    expect((layerFromTorch({ torch: 'Dropout', args: {} }, 'float32') as Dropout).p).toBe(0.5)
  })

  it('what this program does not have is refused by name', () => {
    expect(() => layerFromTorch({ torch: 'GELU', args: {} }, 'float32')).toThrow(
      'the run has the layer GELU, which this program does not have',
    )
    const args = { in_channels: 1, out_channels: 2, kernel_size: 3, padding_mode: 'reflect' }
    expect(() => layerFromTorch({ torch: 'Conv2d', args }, 'float32')).toThrow(
      `the run's Conv2d has padding_mode "reflect", which this program does not have`,
    )
    expect(() => layerFromTorch({ torch: 'ReLU', args: { inplace: true } }, 'float32')).toThrow(
      `the run's ReLU has inplace true`,
    )
  })
})

/** Two images of class 0 and 1, logits [[1, 0], [0, 1]]: each loss is ln(1 + e⁻¹). */
const each = Math.log(1 + Math.exp(-1))

it('a loss has the weights of its classes in the precision of the run, and its other options', () => {
  const logits = tensor(
    [
      [1, 0],
      [0, 2],
    ],
    [2, 2],
    { dtype: 'float64' },
  )
  const target = tensor(Int32Array.of(0, 1))
  const args = { weight: [3, 1], reduction: 'sum' }
  const loss = criterionFromTorch({ torch: 'CrossEntropyLoss', args }, 'float64')
  expect(loss).toBeInstanceOf(CrossEntropyLoss)
  // 3 · ln(1 + e⁻¹) + 1 · ln(1 + e⁻²)
  expect(loss.forward(logits, target).item()).toBeCloseTo(3 * each + Math.log(1 + Math.exp(-2)), 14)
  const ignoring = criterionFromTorch({ torch: 'CrossEntropyLoss', args: { ignore_index: 1 } }, 'float64')
  expect(ignoring.forward(logits, target).item()).toBeCloseTo(each, 14)
  expect(() => criterionFromTorch({ torch: 'NLLLoss', args: {} }, 'float32')).toThrow(
    'the run has the loss NLLLoss',
  )
})

it('an optimizer moves the parameters by its options', () => {
  const parameter = (): Tensor => Object.assign(tensor([1]), { g: tensor([1]) })
  const sgd = parameter()
  const options = { lr: 0.5, momentum: 0, weight_decay: 0.5 }
  const made = optimizerFromTorch({ torch: 'SGD', options }, [sgd])
  expect(made).toBeInstanceOf(SGD)
  made.step()
  // 1 − 0.5 · (1 + 0.5 · 1)
  expect(sgd.data[0]).toBe(0.25)
  expect(optimizerFromTorch({ torch: 'Adam', options: { lr: 0.1 } }, [parameter()])).toBeInstanceOf(Adam)
  expect(() => optimizerFromTorch({ torch: 'LBFGS', options: {} }, [sgd])).toThrow(
    'the run has the optimizer LBFGS',
  )
})
