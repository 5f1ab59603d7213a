import type { Mutant } from '@handgrad/gradcheck'

const file = 'packages/layers/src/containers/sequential.ts'

/** What one gets wrong when layers are put together. */
export const mutants: readonly Mutant[] = [
  {
    name: 'the way back in the order of the way there',
    file,
    find: 'for (let i = this.layers.length - 1; i >= 0; i--) this.layers[i]',
    replace: 'for (let i = 0; i < this.layers.length; i++) this.layers[i]',
  },
  {
    name: 'the first layer is left out',
    file,
    find: 'i >= 0; i--',
    replace: 'i > 0; i--',
  },
  {
    name: 'without the gradient of the images, none between the layers',
    file,
    find: 'inputGrad: inputGrad || i > 0',
    replace: 'inputGrad',
  },
]
