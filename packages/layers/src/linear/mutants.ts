import type { Mutant } from '@handgrad/gradcheck'

const file = 'packages/layers/src/linear/linear.ts'

/** Mistakes in the three products of a linear layer. */
export const mutants: readonly Mutant[] = [
  {
    name: 'bias gradient as a mean',
    file,
    find: 'addGrad(this.bias, sum(G, [0]))',
    replace:
      'addGrad(this.bias, ((db) => (db.data.forEach((v, i) => (db.data[i] = v / M)), db))(sum(G, [0])))',
    trains: true,
  },
  {
    name: 'bias gradient summed over features',
    file,
    find: 'sum(G, [0]))',
    replace: 'sum(G.reshape([this.outFeatures, M]), [1]))',
  },
  {
    name: 'weight gradient with axes swapped',
    file,
    find: 'matmul(transposed(G), x.reshape([M, this.inFeatures]))',
    replace: 'matmul(transposed(x.reshape([M, this.inFeatures])), G)',
  },
  {
    name: 'input gradient with the transposed weight',
    file,
    find: 'matmul(G, this.weight)',
    replace: 'matmul(G, transposed(this.weight.reshape([this.inFeatures, this.outFeatures])))',
  },
  {
    name: 'bias added twice',
    file,
    find: 'if (this.bias !== null) addPerRow(Y, this.bias)',
    replace: 'if (this.bias !== null) addPerRow(Y, this.bias), addPerRow(Y, this.bias)',
  },
  {
    name: 'bias by row',
    file,
    find: 'Y.data[i] += b.data[i % P]',
    replace: 'Y.data[i] += b.data[Math.floor(i / P) % P]',
  },
  {
    name: 'gradients of the first row only',
    file,
    find: 'const G = dy.reshape([M, this.outFeatures])',
    replace: 'const G = dy.clone().reshape([M, this.outFeatures]); G.data.fill(0, this.outFeatures)',
  },
  {
    name: 'kernel: bias not added',
    file: 'packages/layers/src/linear/linear.as.ts',
    kernel: true,
    find: 'put(y + n * yRow, o, f + lanes(a0), o1, g + lanes(b0))',
    replace: 'put(y + n * yRow, o, lanes(a0), o1, lanes(b0))',
  },
  {
    name: 'kernel: bias of the neighbour',
    file: 'packages/layers/src/linear/linear.as.ts',
    kernel: true,
    find: 'g = f32.load(b + (o1 << 2))',
    replace: 'g = f32.load(b + (o << 2))',
  },
  {
    name: 'kernel: last sample forgotten',
    file: 'packages/layers/src/linear/linear.as.ts',
    kernel: true,
    find: 'for (let n = 0; n < count; n += 4) {',
    replace: 'for (let n = 0; n < max(1, count - 3); n += 4) {',
  },
  {
    name: 'kernel: last lanes forgotten',
    file: 'packages/layers/src/linear/linear.as.ts',
    kernel: true,
    find: 'const end = p0 + (F << 2)',
    replace: 'const end = p0 + ((F & ~7) << 2)',
  },
  {
    name: 'kernel: lanes summed in part',
    file: 'packages/tensor/src/simd/lanes.inline.as.ts',
    kernel: true,
    find: 'f32x4.extract_lane(half, 0) + f32x4.extract_lane(half, 1)',
    replace: 'f32x4.extract_lane(half, 0) + f32x4.extract_lane(half, 0)',
  },
  {
    name: 'kernel: dw overwritten by each micro-batch',
    file: 'packages/layers/src/linear/compile.ts',
    kernel: true,
    find: 'dw, F * 4, O, COUNT, F, 1)',
    replace: 'dw, F * 4, O, COUNT, F, 0)',
  },
  {
    name: 'kernel: dw of another row of x',
    file: 'packages/layers/src/linear/compile.ts',
    kernel: true,
    find: 'x.ref, x.image, dw, F * 4',
    replace: 'x.ref, x.image + 4, dw, F * 4',
  },
  {
    name: 'kernel: no gradient of the bias',
    file: 'packages/layers/src/linear/compile.ts',
    kernel: true,
    find: 'if (bias !== null && c.trains(bias)) {',
    replace: 'if (bias === null && bias !== null) {',
  },
]
