import type { Checkable } from '@handgrad/gradcheck'
import { Conv1d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { type DType, Generator, manualSeed, randn, type Tensor, tensor } from '@handgrad/tensor'

/** A layer with an input to check it on; fresh and the same on every call. */
export interface Subject {
  readonly title: string
  /** Its page, from the site's root. */
  readonly page: string
  make(): { layer: Checkable; inputs: readonly Tensor<DType>[] }
}

const dtype = 'float64'

function input(shape: readonly number[], seed = 1): Tensor {
  return randn(shape, { generator: new Generator(seed), dtype })
}

/** Parameters are drawn from the default generator: start it anew. */
function seeded<T>(create: () => T): T {
  manualSeed(0)
  return create()
}

/** What the checker in the page can check. */
export const subjects: Readonly<Record<string, Subject>> = {
  conv2d: {
    title: 'Conv2d, stride 2, padding 1',
    page: 'layers/conv2d/',
    make: () => ({
      layer: seeded(() => new Conv2d(2, 3, 3, { stride: 2, padding: 1, dtype })),
      inputs: [input([2, 2, 6, 5])],
    }),
  },
  conv1d: {
    title: 'Conv1d, stride 2, padding 1',
    page: 'layers/conv1d/',
    make: () => ({
      layer: seeded(() => new Conv1d(2, 3, 3, { stride: 2, padding: 1, dtype })),
      inputs: [input([2, 2, 8])],
    }),
  },
  relu: { title: 'ReLU', page: 'layers/relu/', make: () => ({ layer: new ReLU(), inputs: [input([4, 9])] }) },
  'max-pool2d': {
    title: 'MaxPool2d, overlapping windows',
    page: 'layers/max-pool2d/',
    make: () => ({ layer: new MaxPool2d(3, { stride: 2 }), inputs: [input([2, 2, 7, 6])] }),
  },
  flatten: {
    title: 'Flatten',
    page: 'layers/flatten/',
    make: () => ({ layer: new Flatten(), inputs: [input([2, 3, 2, 2])] }),
  },
  linear: {
    title: 'Linear',
    page: 'layers/linear/',
    make: () => ({ layer: seeded(() => new Linear(5, 4, { dtype })), inputs: [input([3, 5])] }),
  },
  dropout: {
    title: 'Dropout',
    page: 'layers/dropout/',
    make: () => ({ layer: new Dropout(0.4), inputs: [input([4, 6])] }),
  },
  'cross-entropy': {
    title: 'Cross-entropy',
    page: 'cross-entropy/',
    make: () => ({
      layer: new CrossEntropyLoss(),
      inputs: [input([4, 5]), tensor(Int32Array.of(1, 0, 4, 2))],
    }),
  },
}
