import type { Mutant } from '@handgrad/gradcheck'

const layer = 'packages/layers/src/conv1d/conv1d.ts'
const sizes = 'packages/tensor/src/window.ts'
const columns = 'packages/tensor/src/reference/unfold.ts'
const direct = 'packages/layers/src/conv2d/compile-direct.ts'
const packed = 'packages/layers/src/conv2d/pack.ts'

/** Mistakes in a convolution of lines: in its formulas, and on the way to the kernels of images. */
export const mutants: readonly Mutant[] = [
  {
    name: 'dx with the unflipped kernel',
    file: layer,
    find: 'matmul(transposed(this.#matrix()), G)',
    replace:
      'matmul(transposed({ ...this.#matrix(), data: this.weight.data.map((_, i, w) => w[i + this.kernelSize - 1 - 2 * (i % this.kernelSize)]) }), G)',
  },
  {
    name: 'the weight of the last line only',
    file: layer,
    find: 'sum(matmul(G, transposed(X)), [0])',
    replace:
      '((P) => sum({ ...P, shape: [1, ...P.shape.slice(1)], data: P.data.slice(-this.weight.data.length) }, [0]))(matmul(G, transposed(X)))',
  },
  {
    name: 'no gradient of the bias',
    file: layer,
    find: 'addGrad(this.bias, sum(dy.reshape([N, this.outChannels, Lo]), [0, 2]))',
    replace:
      'addGrad(this.bias, ((db) => (db.data.fill(0), db))(sum(dy.reshape([N, this.outChannels, Lo]), [0, 2])))',
  },
  {
    name: 'no gradient of the weight',
    file: layer,
    find: 'addGrad(this.weight, sum(matmul(G, transposed(X)), [0]))',
    replace: 'addGrad(this.weight, ((dw) => (dw.data.fill(0), dw))(sum(matmul(G, transposed(X)), [0])))',
  },
  {
    name: 'bias summed over the wrong axes',
    file: layer,
    find: 'sum(dy.reshape([N, this.outChannels, Lo]), [0, 2])',
    replace: 'sum(dy.reshape([this.outChannels, N, Lo]), [1, 2])',
  },
  {
    name: 'bias forgotten in the forward pass',
    file: layer,
    find: 'if (this.bias !== null) addPerChannel(Y, this.bias)',
    replace: 'if (this.bias === null) addPerChannel(Y, this.weight)',
  },
  {
    name: 'weights of the neighbouring group',
    file: layer,
    find: 'return this.weight.reshape([this.groups, Co / this.groups, Cg * K])',
    replace:
      'return ((M) => ({ ...M, data: M.data.map((_, i, w) => w[(i + w.length / this.groups) % w.length]) }))(this.weight.reshape([this.groups, Co / this.groups, Cg * K]))',
  },
  {
    name: 'channels and taps of the weight swapped',
    file: layer,
    find: 'return this.weight.reshape([this.groups, Co / this.groups, Cg * K])',
    replace:
      'return ((M) => ({ ...M, data: M.data.map((_, i, w) => w[i - (i % (Cg * K)) + (i % Cg) * K + (Math.floor(i / Cg) % K)]) }))(this.weight.reshape([this.groups, Co / this.groups, Cg * K]))',
  },
  {
    name: 'batch and channels of an unbatched line taken for each other',
    file: 'packages/layers/src/check.ts',
    find: 'const [N, C, L] = shape.length === 3 ? shape : [1, ...shape]',
    replace: 'const [N, C, L] = shape.length === 3 ? shape : [shape[0], 1, shape[1]]',
  },
  {
    name: 'stride of lines forgotten',
    file: sizes,
    find: 'stride: [1, stride]',
    replace: 'stride: [1, 1]',
  },
  {
    name: 'padding of lines forgotten',
    file: sizes,
    find: 'padding : [0, padding]',
    replace: 'padding : [0, 0]',
  },
  {
    name: 'lines padded above and below',
    file: sizes,
    find: 'padding : [0, padding]',
    replace: 'padding : [padding, padding]',
  },
  {
    name: 'dilation of lines forgotten',
    file: sizes,
    find: 'dilation: [1, dilation]',
    replace: 'dilation: [1, 1]',
  },
  {
    name: 'the odd cell of same padding at the start',
    file: sizes,
    find: 'const before = Math.floor(total / 2)',
    replace: 'const before = Math.ceil(total / 2)',
  },
  {
    name: 'fold overwrites where windows overlap',
    file: columns,
    find: 'image[cell] += columns[entry]',
    replace: 'image[cell] = columns[entry]',
  },
  {
    name: 'kernel: dx with the unflipped taps',
    file: direct,
    kernel: true,
    find: '(Kw - 1 - j)',
    replace: 'j',
  },
  {
    name: 'kernel: border of dx from the padding of the way there',
    file: direct,
    kernel: true,
    find: 'ph: Kh - 1 - ph, pw: Kw - 1 - pw',
    replace: 'ph, pw',
  },
  {
    name: 'kernel: a border as wide as the padding before the line',
    file: packed,
    kernel: true,
    find: 'border: Math.max(pw, Wo + Kw - 1 - pw - W)',
    replace: 'border: pw',
  },
  {
    name: 'kernel: dx not cleared',
    file: 'packages/layers/src/conv2d/compile-columns.ts',
    kernel: true,
    find: "  c.call('tensor/clear', startOf(dx), COUNT, dx.image)\n",
    replace: '',
  },
]
