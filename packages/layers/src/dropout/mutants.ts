import type { Mutant } from '@handgrad/gradcheck'

const file = 'packages/layers/src/dropout/dropout.ts'

/** Mistakes in the mask and its scale. */
export const mutants: readonly Mutant[] = [
  {
    name: 'gradient without the mask',
    file,
    find: 'return inputGrad ? times(dy, mask) : null',
    replace: 'return inputGrad ? times(dy, null) : null',
    trains: true,
  },
  {
    name: 'not scaled in training',
    file,
    find: 'mask.data[i] /= keep',
    replace: 'mask.data[i] /= 1',
  },
  {
    name: 'drops with the probability of keeping',
    file,
    find: 'this.#generator.bernoulli(mask.data, 1 - this.p)',
    replace: 'this.#generator.bernoulli(mask.data, this.p)',
  },
  {
    name: 'drops in evaluation too',
    file,
    find: 'this.training && this.p > 0',
    replace: 'this.p > 0',
  },
  {
    name: 'a mask for every backward pass',
    file,
    find: 'return inputGrad ? times(dy, mask) : null',
    replace: 'return inputGrad ? times(dy, mask === null ? null : this.#mask(dy)) : null',
  },
  {
    name: 'scale forgotten in the gradient',
    file,
    find: 'return inputGrad ? times(dy, mask) : null',
    replace:
      'return inputGrad ? times(dy, mask === null ? null : { data: mask.data.map((m) => (m > 0 ? 1 : 0)) }) : null',
    trains: true,
  },
]
