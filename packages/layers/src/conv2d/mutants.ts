import type { Mutant } from '@handgrad/gradcheck'

const layer = 'packages/layers/src/conv2d/conv2d.ts'
const base = 'packages/layers/src/gradients.ts'
const columns = 'packages/tensor/src/reference/unfold.ts'
const sizes = 'packages/tensor/src/window.ts'
const reduction = 'packages/tensor/src/reference/reduce.ts'

/** Mistakes in a convolution, its columns and its sums. */
export const mutants: readonly Mutant[] = [
  {
    name: 'dx with the unflipped kernel',
    file: layer,
    find: 'matmul(transposed(this.#matrix()), G)',
    replace:
      'matmul(transposed({ ...this.#matrix(), data: this.weight.data.map((_, i, w) => w[i + win.Kh * win.Kw - 1 - 2 * (i % (win.Kh * win.Kw))]) }), G)',
    trains: true,
  },
  {
    name: 'the weight of the last image only',
    file: layer,
    find: 'sum(matmul(G, transposed(X)), [0])',
    replace:
      '((P) => sum({ ...P, shape: [1, ...P.shape.slice(1)], data: P.data.slice(-this.weight.data.length) }, [0]))(matmul(G, transposed(X)))',
  },
  {
    name: 'no gradient of the bias',
    file: layer,
    find: 'addGrad(this.bias, sum(dy.reshape([N, this.outChannels, L]), [0, 2]))',
    replace:
      'addGrad(this.bias, ((db) => (db.data.fill(0), db))(sum(dy.reshape([N, this.outChannels, L]), [0, 2])))',
    trains: true,
  },
  {
    name: 'no gradient of the weight',
    file: layer,
    find: 'addGrad(this.weight, sum(matmul(G, transposed(X)), [0]))',
    replace: 'addGrad(this.weight, ((dw) => (dw.data.fill(0), dw))(sum(matmul(G, transposed(X)), [0])))',
    trains: true,
  },
  {
    name: 'bias summed over the wrong axes',
    file: layer,
    find: 'sum(dy.reshape([N, this.outChannels, L]), [0, 2])',
    replace: 'sum(dy.reshape([this.outChannels, N, L]), [1, 2])',
  },
  {
    name: '= for += in a gradient',
    file: base,
    find: 'total[i] += gradient.data[i]',
    replace: 'total[i] = gradient.data[i]',
  },
  {
    name: 'bias forgotten in the forward pass',
    file: layer,
    find: 'if (this.bias !== null) addPerChannel(Y, this.bias)',
    replace: 'if (this.bias === null) addPerChannel(Y, this.weight)',
  },
  {
    name: 'bias of the wrong channel',
    file: layer,
    find: 'const bias = b.data[row % C]',
    replace: 'const bias = b.data[Math.floor(row / C) % C]',
  },
  {
    name: 'weights of the neighbouring group',
    file: layer,
    find: 'return this.weight.reshape([this.groups, Co / this.groups, Cg * Kh * Kw])',
    replace:
      'return ((M) => ({ ...M, data: M.data.map((_, i, w) => w[(i + w.length / this.groups) % w.length]) }))(this.weight.reshape([this.groups, Co / this.groups, Cg * Kh * Kw]))',
  },
  {
    name: 'stride forgotten between rows',
    file: columns,
    find: 'const y = h * sh + i * dh - ph',
    replace: 'const y = h + i * dh - ph',
  },
  {
    name: 'stride forgotten in a row',
    file: columns,
    find: 'cell = from + rows[r + 1]; out < end; out++, cell += sw',
    replace: 'cell = from + rows[r + 1]; out < end; out++, cell += 1',
  },
  {
    name: 'dilation forgotten',
    file: columns,
    find: 'wFrom * sw + j * dw - pw',
    replace: 'wFrom * sw + j - pw',
  },
  {
    name: 'padding of the other axis',
    file: columns,
    find: 'insideRange(H, Ho, sh, i * dh - ph)',
    replace: 'insideRange(H, Ho, sh, i * dh - pw)',
  },
  {
    name: 'strides swapped',
    file: sizes,
    find: 'const [sh, sw] = pair(stride)',
    replace: 'const [sw, sh] = pair(stride)',
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
    name: 'fold keeps the image before',
    file: columns,
    find: 'image.fill(0)',
    replace: 'if (n === 0) image.fill(0)',
  },
  {
    name: 'the last cell of a row forgotten',
    file: columns,
    find: 'const end = to + rows[r + 2]',
    replace: 'const end = to + Math.max(1, rows[r + 2] - 1)',
  },
  {
    name: 'a sum without its last term',
    file: reduction,
    find: 'for (let k = 0; k < count; k++) total += data[from + k]',
    replace: 'for (let k = 0; k < Math.max(1, count - 1); k++) total += data[from + k]',
  },
  {
    name: 'kernel: bias not added in direct',
    file: 'packages/layers/src/conv2d/direct.as.ts',
    kernel: true,
    find: 'let a0 = v128.load(b), a1 = v128.load(b, 16)\n  let b0 = a0',
    replace: 'let a0 = f32x4.splat(0), a1 = a0\n  let b0 = a0',
  },
  {
    name: 'kernel: taps of a row one too far',
    file: 'packages/layers/src/conv2d/direct.as.ts',
    kernel: true,
    find: 'let p0 = x + i * xRow + j * xCell',
    replace: 'let p0 = x + i * xRow + (j + 1) * xCell',
  },
  {
    name: 'kernel: remainder of a row forgotten',
    file: 'packages/layers/src/conv2d/direct.as.ts',
    kernel: true,
    find: 'for (let v = 0; v < s.Wo; v += 4) cells',
    replace: 'for (let v = 0; v + 4 <= s.Wo; v += 4) cells',
  },
  {
    name: 'kernel: dw starts from zero for each micro-batch',
    file: 'packages/layers/src/conv2d/direct.as.ts',
    kernel: true,
    find: 'let a0 = v128.load(dw), a1 = v128.load(dw, 16)',
    replace: 'let a0 = f32x4.splat(0), a1 = a0',
  },
  {
    name: 'kernel: dw of one tap too few',
    file: 'packages/layers/src/conv2d/direct.as.ts',
    kernel: true,
    find: 'v128.store(dw, c0, 64); v128.store(dw, c1, 80); v128.store(dw, d0, 96)',
    replace: 'v128.store(dw, c0, 64); v128.store(dw, c1, 80); v128.store(dw, c0, 96)',
  },
  {
    name: 'kernel: db without what was there',
    file: 'packages/layers/src/conv2d/direct.as.ts',
    kernel: true,
    find: 'f32x4.add(v128.load(db + (o << 2)), sum)',
    replace: 'sum',
  },
  {
    name: 'kernel: wrong stride of dy in dw',
    file: 'packages/layers/src/conv2d/direct.as.ts',
    kernel: true,
    find: 'let q = dy + n * s.yImage + h * s.yRow\n',
    replace: 'let q = dy + n * s.yImage + h * s.xRow\n',
  },
  {
    name: 'kernel: dx with the unflipped taps',
    file: 'packages/layers/src/conv2d/compile-direct.ts',
    kernel: true,
    find: '(Kh - 1 - i)) * Kw + (Kw - 1 - j)',
    replace: 'i) * Kw + j',
  },
  {
    name: 'kernel: dx with the taps flipped in rows only',
    file: 'packages/layers/src/conv2d/compile-direct.ts',
    kernel: true,
    find: '(Kw - 1 - j)',
    replace: 'j',
  },
  {
    name: 'kernel: border of dx from the padding of the way there',
    file: 'packages/layers/src/conv2d/compile-direct.ts',
    kernel: true,
    find: 'ph: Kh - 1 - ph, pw: Kw - 1 - pw',
    replace: 'ph, pw',
  },
  {
    name: 'kernel: gradients of the last channels missing',
    file: 'packages/layers/src/conv2d/compile-direct.ts',
    kernel: true,
    find: 'const K4 = up(K, 4)',
    replace: 'const K4 = K & ~3',
  },
  {
    name: 'kernel: padding not cleared in the columns',
    file: 'packages/layers/src/conv2d/columns.as.ts',
    kernel: true,
    find: 'if (y < 0 || y >= s.H || u < 0 || u >= s.W) memory.fill(X, 0, bytes)\n          else ',
    replace: 'if (y >= 0 && y < s.H && u >= 0 && u < s.W) ',
  },
  {
    name: 'kernel: dilation of the other axis',
    file: 'packages/layers/src/conv2d/columns.as.ts',
    kernel: true,
    find: 'memory.fill(X, 0, bytes)\n          else memory.copy(X, x + y * s.xRow + u * s.xCell, bytes)',
    replace: 'memory.fill(X, 0, bytes)\n          else memory.copy(X, x + y * s.xCell + u * s.xRow, bytes)',
  },
  {
    name: 'kernel: fold overwrites',
    file: 'packages/layers/src/conv2d/columns.as.ts',
    kernel: true,
    find: 'f32.store(to, f32.load(to) + f32.load(from))',
    replace: 'f32.store(to, f32.load(from))',
  },
  {
    name: 'kernel: dx of the first group only',
    file: 'packages/layers/src/conv2d/columns.as.ts',
    kernel: true,
    find: 'fold(s, s.Ci, X, dx + ((g * s.Ci) << 2))',
    replace: 'fold(s, s.Ci, X, dx)',
  },
  {
    name: 'kernel: dw of the columns of the group before',
    file: 'packages/layers/src/conv2d/columns.as.ts',
    kernel: true,
    find: 'unfold(s, s.Ci, x + ((g * s.Ci) << 2), X)\n      gemm(X, 4,',
    replace: 'unfold(s, s.Ci, x + ((max(0, g - 1) * s.Ci) << 2), X)\n      gemm(X, 4,',
  },
  {
    name: 'kernel: bias of columns once per group',
    file: 'packages/layers/src/conv2d/columns.as.ts',
    kernel: true,
    find: '(s.groups * s.Co) << 2)\n',
    replace: 's.Co << 2)\n',
  },
  {
    name: 'kernel: dx not cleared',
    file: 'packages/layers/src/conv2d/compile-columns.ts',
    kernel: true,
    find: "  c.call('tensor/clear', startOf(dx), COUNT, dx.image)\n",
    replace: '',
  },
  {
    name: 'kernel: product overwrites in the last columns',
    file: 'packages/tensor/src/simd/gemm.as.ts',
    kernel: true,
    find: 'add ? f32x4.add(v128.load(c), v) : v',
    replace: 'v',
  },
  {
    name: 'kernel: product forgets its last row',
    file: 'packages/tensor/src/simd/gemm.as.ts',
    kernel: true,
    find: 'if (second) { v128.store(c1, t0)',
    replace: 'if (!second) { v128.store(c1, t0)',
  },
  {
    name: 'kernel: product drops the last term',
    file: 'packages/tensor/src/simd/gemm.as.ts',
    kernel: true,
    find: 'for (let k = 0; k < K; k++) {\n    const v = v128.load(b)',
    replace: 'for (let k = 0; k < max(1, K - 1); k++) {\n    const v = v128.load(b)',
  },
  {
    name: 'kernel: rows and columns of an image swapped',
    file: 'packages/tensor/src/simd/layout.as.ts',
    kernel: true,
    find: 'for (; c < C; c++) {\n      for (let h = 0; h < H; h++) {\n        let to = dst + n * image + h * row',
    replace:
      'for (; c < C; c++) {\n      for (let h = 0; h < H; h++) {\n        let to = dst + n * image + h * cell',
  },
]
