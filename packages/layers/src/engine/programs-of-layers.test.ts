import { backends, useBackend } from '@handgrad/tensor'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  Conv1d,
  Conv2d,
  Dropout,
  describeProgram,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from '../index.ts'
import type { ProgramData } from './program-data.ts'

/**
 * What layers write down beside right numbers, which the proof looks at: no copy that a reader's wish makes needless, and no
 * more memory than the formulas say.
 */

const fast = backends().at(-1)!
beforeEach(() => useBackend(fast))
afterEach(() => useBackend(fast))

interface Written {
  /** Which kernel each layer got. */
  readonly kernels: readonly string[]
  /** The kernels of a way, in order, without their packages. */
  readonly forward: string
  readonly backward: string
  /** Bytes of what each layer took, of one sample where each has its own. */
  readonly took: Readonly<Record<string, string>>
}

function written(shape: readonly number[], ...layers: ConstructorParameters<typeof Sequential>): Written {
  const { parts } = describeProgram(new Sequential(...layers), shape)
  expect(parts).toHaveLength(1)
  const [{ layers: members, programs }] = parts
  expect(programs).toHaveLength(1)
  const [program] = programs as [ProgramData]
  const way = (of: string): string =>
    program.phases
      .filter((phase) => phase.of === of)
      .flatMap(({ body }) => body.map(({ kernel }) => kernel.replace(/^\w+\//, '')))
      .join(' ')
  const took: Record<string, string> = {}
  for (const { kind, bytes, perSample, layer } of program.buffers) {
    if (layer === null || kind === 'sum') continue
    took[layer] = `${took[layer] ?? ''} ${kind} ${perSample ?? bytes}`.trim()
  }
  return {
    kernels: members.map(({ kernel }) => kernel),
    forward: way('forward'),
    backward: way('backward'),
    took,
  }
}

test('direct, then direct without padding', () => {
  const layers = [new Conv2d(3, 5, 3, { padding: 1 }), new Conv2d(5, 6, 3)]
  expect(written([2, 3, 6, 7], ...layers)).toEqual({
    kernels: ['direct 3×3', 'direct 3×3'],
    forward: 'image_in conv2d_forward conv2d_forward image_out',
    backward:
      'image_in image_in conv2d_dw sum_cells copy_rows conv2d_forward conv2d_dw sum_cells copy_rows conv2d_forward image_out',
    took: {
      'Conv2d(3→5, 3×3)':
        'sample 1344 fixed 48 fixed 540 fixed 864 fixed 864 fixed 20 fixed 32 fixed 32 slot 896 fixed 540 fixed 540 fixed 48 fixed 112 slot 32 sample 2304 sample 1344 fixed 48 fixed 32 fixed 1440 fixed 1440 fixed 48 fixed 112',
      'Conv2d(5→6, 3×3)':
        'sample 640 fixed 48 fixed 1080 fixed 1440 fixed 1440 fixed 24 fixed 32 fixed 32 slot 1536 fixed 1080 fixed 1080 fixed 48 fixed 192 slot 32 sample 2304 sample 1344 fixed 48 fixed 32 fixed 1728 fixed 1728 fixed 48 fixed 192 sample 2304 sample 1344 fixed 48 fixed 32',
    },
  })
})

test('direct, then direct with padding behind a ReLU', () => {
  const layers = [new Conv2d(3, 5, 3), new ReLU(), new Conv2d(5, 6, 3, { padding: 1 })]
  expect(written([2, 3, 6, 7], ...layers)).toEqual({
    kernels: ['direct 3×3', 'lanes', 'direct 3×3'],
    forward: 'image_in conv2d_forward relu_forward copy_rows conv2d_forward image_out',
    backward:
      'image_in image_in conv2d_dw sum_cells copy_rows conv2d_forward relu_backward conv2d_dw sum_cells copy_rows conv2d_forward image_out',
    took: {
      'Conv2d(3→5, 3×3)':
        'sample 640 fixed 48 fixed 540 fixed 864 fixed 864 fixed 20 fixed 32 fixed 32 slot 896 fixed 540 fixed 540 fixed 48 fixed 112 slot 32 sample 2304 sample 1344 fixed 48 fixed 32 fixed 1440 fixed 1440 fixed 48 fixed 112',
      'Conv2d(5→6, 3×3)':
        'sample 1344 sample 640 fixed 48 fixed 1080 fixed 1440 fixed 1440 fixed 24 fixed 32 fixed 32 slot 1536 fixed 1080 fixed 1080 fixed 48 fixed 192 slot 32 sample 1344 sample 640 fixed 48 fixed 32 fixed 1728 fixed 1728 fixed 48 fixed 192 sample 1344 sample 640 fixed 48 fixed 32',
    },
  })
})

test('columns, then direct', () => {
  const layers = [new Conv2d(2, 4, 3, { stride: 2 }), new Conv2d(4, 3, 3, { padding: 1 })]
  expect(written([2, 2, 7, 9], ...layers)).toEqual({
    kernels: ['columns', 'direct 3×3'],
    forward: 'image_in conv2d_columns_forward copy_rows conv2d_forward image_out',
    backward:
      'image_in image_in conv2d_dw sum_cells copy_rows conv2d_forward image_out image_in conv2d_columns_dw sum_cells clear conv2d_columns_dx image_out',
    took: {
      'Conv2d(2→4, 3×3)':
        'sample 192 fixed 80 thread 864 fixed 288 fixed 288 fixed 288 fixed 16 fixed 32 fixed 32 sample 192 thread 384 slot 288 fixed 288 fixed 288 slot 16 fixed 320 fixed 320 sample 512 sample 192 thread 384',
      'Conv2d(4→3, 3×3)':
        'sample 480 sample 384 fixed 48 fixed 432 fixed 1152 fixed 1152 fixed 12 fixed 32 fixed 32 slot 1152 fixed 432 fixed 432 fixed 48 fixed 144 slot 32 sample 960 sample 384 fixed 48 fixed 32 fixed 864 fixed 864 fixed 48 fixed 144 sample 960 sample 384 fixed 48 fixed 32',
    },
  })
})

test('columns of two groups, then columns', () => {
  const layers = [
    new Conv2d(4, 6, 3, { padding: 1, groups: 2 }),
    new ReLU(),
    new Conv2d(6, 3, [2, 3], { dilation: 2 }),
  ]
  expect(written([2, 4, 5, 6], ...layers)).toEqual({
    kernels: ['columns', 'lanes', 'columns'],
    forward: 'image_in conv2d_columns_forward relu_forward conv2d_columns_forward image_out',
    backward:
      'image_in image_in conv2d_columns_dw sum_cells clear conv2d_columns_dx relu_backward conv2d_columns_dw sum_cells clear conv2d_columns_dx image_out',
    took: {
      'Conv2d(4→6, 3×3)':
        'sample 960 fixed 80 thread 2160 fixed 432 fixed 576 fixed 576 fixed 24 fixed 32 fixed 32 slot 576 fixed 432 fixed 432 slot 32 fixed 480 fixed 480 sample 480',
      'Conv2d(6→3, 2×3)':
        'sample 96 fixed 80 thread 864 fixed 432 fixed 576 fixed 576 fixed 12 fixed 32 fixed 32 slot 576 fixed 432 fixed 432 slot 16 fixed 432 fixed 432 sample 960 sample 960',
    },
  })
})

test('Winograd, then direct', () => {
  const layers = [
    new Conv2d(4, 6, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(6, 8, 3, { padding: 1 }),
  ]
  expect(written([2, 4, 6, 8], ...layers)).toEqual({
    kernels: ['Winograd 3×3, pooled', 'in the layer before', 'in the layer before', 'direct 3×3'],
    forward: 'image_in conv2d_winograd_forward conv2d_forward image_out',
    backward:
      'image_in image_in conv2d_dw sum_cells copy_rows conv2d_forward conv2d_lists conv2d_sparse_dw clear conv2d_sparse_dx image_out',
    took: {
      'Conv2d(4→6, 3×3)':
        'sample 960 sample 96 fixed 48 fixed 864 fixed 1152 fixed 1152 fixed 24 fixed 32 fixed 32 fixed 2048 thread 4096 thread 8192 thread 1600 thread 32 fixed 48 fixed 72 slot 32 slot 1152 fixed 864 fixed 864 sample 1280 fixed 1152 fixed 1152 thread 1600 thread 32 fixed 48 fixed 72',
      'Conv2d(6→8, 3×3)':
        'sample 384 fixed 48 fixed 1728 fixed 1728 fixed 1728 fixed 32 slot 1792 fixed 1728 fixed 1728 fixed 48 fixed 224 slot 32 sample 960 sample 384 fixed 48 fixed 32 fixed 2304 fixed 2304 fixed 48 fixed 224 sample 960 sample 384 fixed 48 fixed 32',
    },
  })
})

test('pooled, its ReLU behind, then direct without bias', () => {
  const layers = [
    new Conv2d(1, 3, 5),
    new MaxPool2d(2),
    new ReLU(),
    new Conv2d(3, 2, 3, { padding: 1, bias: false }),
  ]
  expect(written([2, 1, 10, 12], ...layers)).toEqual({
    kernels: ['direct 5×5, pooled', 'in the layer before', 'in the layer before', 'direct 3×3'],
    forward: 'image_in conv2d_pool_forward conv2d_forward image_out',
    backward:
      'image_in image_in conv2d_dw copy_rows conv2d_forward conv2d_lists conv2d_sparse_dw clear conv2d_sparse_dx image_out',
    took: {
      'Conv2d(1→3, 5×5)':
        'sample 960 sample 96 fixed 48 fixed 300 fixed 800 fixed 800 fixed 12 fixed 32 fixed 32 thread 1600 thread 32 fixed 48 fixed 96 slot 32 slot 1536 fixed 300 fixed 300 sample 480 fixed 1536 fixed 1536 thread 1600 thread 32 fixed 48 fixed 96',
      'Conv2d(3→2, 3×3)':
        'sample 384 fixed 48 fixed 216 fixed 864 fixed 864 fixed 32 slot 896 fixed 216 fixed 216 fixed 48 fixed 112 sample 960 sample 384 fixed 48 fixed 32 fixed 576 fixed 576 fixed 48 fixed 112 sample 960 sample 384 fixed 48 fixed 32',
    },
  })
})

test('pooled with one channel, then linear', () => {
  const layers = [
    new Conv2d(1, 9, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(108, 3),
  ]
  expect(written([2, 1, 6, 8], ...layers)).toEqual({
    kernels: [
      'direct 3×3, pooled',
      'in the layer before',
      'in the layer before',
      'nothing to do',
      'dot products',
    ],
    forward: 'image_in conv2d_pool_forward linear_forward image_out',
    backward:
      'image_in image_in gemm sum_cells gemm conv2d_lists conv2d_sparse_dw clear conv2d_patches_dx image_out',
    took: {
      'Conv2d(1→9, 3×3)':
        'sample 768 sample 192 fixed 48 fixed 324 fixed 576 fixed 576 fixed 36 fixed 64 fixed 64 thread 3200 thread 64 fixed 48 fixed 24 slot 64 slot 768 fixed 324 fixed 324 sample 320 fixed 4096 fixed 4096 thread 3200 thread 64 fixed 48 fixed 24',
      'Linear(108→3)':
        'fixed 1296 fixed 2304 fixed 2304 fixed 12 sample 16 slot 2304 fixed 1296 fixed 1296 slot 16 sample 768 sample 768',
    },
  })
})

test('nothing that folds', () => {
  const layers = [
    new Conv2d(2, 3, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(3),
    new Dropout(0.5),
    new Conv2d(3, 2, 2),
  ]
  expect(written([2, 2, 6, 6], ...layers)).toEqual({
    kernels: ['direct 3×3', 'lanes', 'lanes', 'lanes', 'direct 2×2'],
    forward:
      'image_in conv2d_forward relu_forward max_pool2d_forward image_in dropout_times conv2d_forward image_out',
    backward:
      'image_in image_in image_in conv2d_dw sum_cells copy_rows conv2d_forward dropout_times clear max_pool2d_backward relu_backward conv2d_dw sum_cells copy_rows conv2d_forward image_out',
    took: {
      'Conv2d(2→3, 3×3)':
        'sample 1152 fixed 48 fixed 216 fixed 576 fixed 576 fixed 12 fixed 32 fixed 32 slot 640 fixed 216 fixed 216 fixed 48 fixed 80 slot 32 sample 2048 sample 1152 fixed 48 fixed 32 fixed 864 fixed 864 fixed 48 fixed 80',
      'MaxPool2d(3×3)': 'sample 128 sample 128 fixed 52 sample 1152 sample 1152',
      'Dropout(0.5)': 'batch 48 sample 128',
      'Conv2d(3→2, 2×2)':
        'sample 32 fixed 48 fixed 96 fixed 384 fixed 384 fixed 8 fixed 32 fixed 32 slot 384 fixed 96 fixed 96 fixed 48 fixed 48 slot 32 sample 288 sample 128 fixed 48 fixed 32 fixed 256 fixed 256 fixed 48 fixed 48 sample 288 sample 128 fixed 48 fixed 32',
    },
  })
})

test('lines: direct both times, with zeros at their ends and none above', () => {
  const layers = [new Conv1d(3, 5, 3, { padding: 1 }), new Conv1d(5, 6, 5, { padding: 2 })]
  expect(written([2, 3, 7], ...layers)).toEqual({
    kernels: ['direct 1×3', 'direct 1×5'],
    forward: 'image_in conv2d_forward conv2d_forward image_out',
    backward:
      'image_in image_in conv2d_dw sum_cells copy_rows conv2d_forward conv2d_dw sum_cells copy_rows conv2d_forward image_out',
    took: {
      // 7 + 4 cells of 8 floats are 352 bytes, 7 are 224, and 7 + 2 are 288.
      'Conv1d(3→5, 3)':
        'sample 352 fixed 48 fixed 180 fixed 288 fixed 288 fixed 20 fixed 32 fixed 32 slot 384 fixed 180 fixed 180 fixed 48 fixed 48 slot 32 sample 288 sample 224 fixed 48 fixed 32 fixed 480 fixed 480 fixed 48 fixed 48',
      'Conv1d(5→6, 5)':
        'sample 224 fixed 48 fixed 600 fixed 800 fixed 800 fixed 24 fixed 32 fixed 32 slot 896 fixed 600 fixed 600 fixed 48 fixed 112 slot 32 sample 352 sample 224 fixed 48 fixed 32 fixed 960 fixed 960 fixed 48 fixed 112 sample 352 sample 224 fixed 48 fixed 32',
    },
  })
})

test('lines: columns, then direct behind a ReLU, then linear', () => {
  const layers = [
    new Conv1d(4, 6, 3, { padding: 1, groups: 2 }),
    new ReLU(),
    new Conv1d(6, 3, 2, { padding: 'same' }),
    new Flatten(),
    new Linear(27, 2),
  ]
  expect(written([2, 4, 9], ...layers)).toEqual({
    kernels: ['columns', 'lanes', 'direct 1×2', 'nothing to do', 'dot products'],
    forward: 'image_in conv2d_columns_forward relu_forward copy_rows conv2d_forward linear_forward image_out',
    backward:
      'image_in image_in gemm sum_cells gemm conv2d_dw sum_cells copy_rows conv2d_forward relu_backward conv2d_columns_dw sum_cells clear conv2d_columns_dx image_out',
    took: {
      'Conv1d(4→6, 3)':
        'sample 288 fixed 80 thread 216 fixed 144 fixed 192 fixed 192 fixed 24 fixed 32 fixed 32 slot 192 fixed 144 fixed 144 slot 32 fixed 192 fixed 192 sample 144',
      'Conv1d(6→3, 2)':
        'sample 352 sample 288 fixed 48 fixed 144 fixed 384 fixed 384 fixed 12 fixed 32 fixed 32 slot 384 fixed 144 fixed 144 fixed 48 fixed 48 slot 32 sample 352 sample 288 fixed 48 fixed 32 fixed 192 fixed 192 fixed 48 fixed 48 sample 352 sample 288 fixed 48 fixed 32',
      'Linear(27→2)':
        'fixed 216 fixed 576 fixed 576 fixed 8 sample 16 slot 576 fixed 216 fixed 216 slot 16 sample 288 sample 288',
    },
  })
})

test('a kernel that is wider than it is high has no more rows of zeros than it needs', () => {
  const layers = [
    new Conv2d(3, 5, [1, 5], { padding: [0, 2] }),
    new Conv2d(5, 6, [5, 1], { padding: [2, 0] }),
  ]
  const { took } = written([2, 3, 4, 7], ...layers)
  // 4 + 4 rows of 7 cells of 8 floats.
  expect(took['Conv2d(3→5, 1×5)']).toMatch(/^sample 1792 /)
})
