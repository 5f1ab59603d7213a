import { Conv1d } from '@handgrad/layers'
import { type Tensor, tensor } from '@handgrad/tensor'
import { range } from '../../../widgets/format.ts'
import type { Pass } from '../pass.ts'
import { gradient, largestCell, type ThreadStep } from '../step.ts'

/** One row of the convolution as three convolutions of a line, one for each row of the kernel. */
export function conv1dStep({ values: [x, y], before }: Pass): ThreadStep {
  const [w, b] = before.get(0)!
  const [, , , W] = x.shape
  const [, , , Wo] = y.shape
  const [row] = largestCell(y.reshape(y.shape.slice(2)))
  const rowOf = (t: Tensor, at: number, width: number): Tensor =>
    tensor(Float64Array.from(t.data.subarray(at * width, (at + 1) * width)), [1, width])
  const dy = rowOf(gradient(y), row, Wo)
  const parts = range(3).map((i) => {
    const line = new Conv1d(1, 1, 3, { bias: false, dtype: 'float64' })
    line.weight.data.set(w.data.subarray(3 * i, 3 * i + 3))
    const input = rowOf(x, row + i, W)
    const part = line.forward(input)
    part.g = dy
    line.bwd()
    return { input, part, dx: gradient(input), dw: gradient(line.weight) }
  })
  const stacked = (of: (part: (typeof parts)[number]) => Tensor): Tensor =>
    tensor(Float64Array.from(parts.flatMap((part) => Array.from(of(part).data))), [
      3,
      of(parts[0]).data.length,
    ])
  const rows = range(3).map((i) => String(row + i))
  const sum = range(Wo).map((v) => parts.reduce((total, { part }) => total + part.data[v], b.data[0]))
  return {
    id: 'conv1d',
    title: 'Conv1d',
    page: 'layers/conv1d',
    forward: [
      { name: 'x', label: 'three lines of the patch', tensor: stacked(({ input }) => input), rows },
      { name: 'w', label: 'a row of the kernel for each', tensor: w.reshape([3, 3]) },
      { name: 'y', label: 'what each line gives', tensor: stacked(({ part }) => part) },
      {
        name: 'sum',
        label: `row ${row} of the output of Conv2d`,
        tensor: tensor(Float64Array.from(sum), [1, Wo]),
      },
    ],
    backward: [
      { name: 'dy', label: `row ${row} of what the ReLU sends back`, tensor: dy },
      { name: 'dx', label: 'each line’s', tensor: stacked(({ dx }) => dx), rows },
      { name: 'dw', label: 'this row’s part', tensor: stacked(({ dw }) => dw) },
    ],
    byHand: [],
    address: null,
  }
}
