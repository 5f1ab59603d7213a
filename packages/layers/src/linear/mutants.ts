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
]
