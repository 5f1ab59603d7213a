import { Conv1d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '@handgrad/layers'
import { type FloatDType, manualSeed, randn, type Tensor } from '@handgrad/tensor'
import { toOnnx } from '../write.ts'

interface Case {
  readonly sampleShape: readonly number[]
  readonly make: (dtype: FloatDType) => Sequential
}

/** Networks that between them have every option of every layer that ONNX can hold: for the tests, here and in Python. */
export const everyOption: Readonly<Record<string, Case>> = {
  plain: {
    sampleShape: [1, 12, 12],
    make: (dtype) =>
      new Sequential(
        new Conv2d(1, 4, 3, { padding: 1, dtype }),
        new ReLU(),
        new MaxPool2d(2),
        new Dropout(0.3),
        new Flatten(),
        new Linear(144, 10, { dtype }),
      ),
  },
  'strided, dilated groups': {
    sampleShape: [4, 13, 16],
    make: (dtype) =>
      new Sequential(
        new Conv2d(4, 6, [3, 2], {
          stride: [2, 1],
          padding: [2, 1],
          dilation: [1, 3],
          groups: 2,
          bias: false,
          dtype,
        }),
        new MaxPool2d([3, 2], { stride: [2, 1], padding: [1, 0], dilation: [1, 2], ceilMode: true }),
        new Flatten({ startDim: 1, endDim: 3 }),
        new Linear(6 * 5 * 13, 3, { bias: false, dtype }),
      ),
  },
  'same padding, odd and even': {
    sampleShape: [2, 9, 10],
    make: (dtype) =>
      new Sequential(
        new Conv2d(2, 3, [4, 3], { padding: 'same', dilation: [1, 2], dtype }),
        new Conv2d(3, 3, 3, { padding: 'valid', groups: 3, dtype }),
        new MaxPool2d(3, { stride: 2, ceilMode: true }),
        new MaxPool2d(2, { stride: 2, padding: 1, ceilMode: true }),
        new Flatten(),
      ),
  },
  vectors: {
    sampleShape: [7],
    make: (dtype) => new Sequential(new Linear(7, 5, { dtype }), new ReLU(), new Linear(5, 1, { dtype })),
  },
  lines: {
    sampleShape: [4, 23],
    make: (dtype) =>
      new Sequential(
        new Conv1d(4, 6, 5, { stride: 2, padding: 3, dilation: 2, groups: 2, bias: false, dtype }),
        new ReLU(),
        new Conv1d(6, 3, 4, { padding: 'same', dilation: 3, dtype }),
        new Dropout(0.2),
        new Conv1d(3, 2, 3, { padding: 'valid', dtype }),
        new Flatten({ startDim: 1, endDim: 2 }),
        new Linear(18, 3, { dtype }),
      ),
  },
}

/** A network, what we write of it, and an input of two samples. */
export interface WrittenModel {
  readonly name: string
  readonly net: Sequential
  readonly model: Uint8Array
  readonly x: Tensor
}

/** The same networks in float32, with the same weights and inputs each time: the fixture has onnxruntime's answers. */
export const writtenModels = (): WrittenModel[] =>
  Object.entries(everyOption).map(([name, { make, sampleShape }], i) => {
    manualSeed(i)
    const net = make('float32').eval()
    return { name, net, model: toOnnx(net, { sampleShape }), x: randn([2, ...sampleShape]) }
  })
