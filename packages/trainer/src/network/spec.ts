import type { ModuleCase, ModuleSpec } from '@handgrad/gradcheck'
import { Sequential } from '@handgrad/layers'
import type { DType, Tensor } from '@handgrad/tensor'
import { derivation } from './derivation.ts'
import { mutants } from './mutants.ts'
import { recipeOf } from './recipe.proof.ts'

/** How large a network and its images are. */
type Sizes = Readonly<Record<'N' | 'C' | 'H' | 'W' | 'C1' | 'C2' | 'K', number>>

/** The seed's network with its loss, for other sizes of image and other numbers of channels and classes. */
export function caseOf(name: string, { N, C, H, W, C1, C2, K }: Sizes): ModuleCase {
  const features = C2 * Math.floor(H / 4) * Math.floor(W / 4)
  const block = (from: number, to: number) => [
    { module: 'nn.Conv2d', args: [from, to, 3], options: { padding: 1 } },
    { module: 'nn.ReLU' },
    { module: 'nn.MaxPool2d', args: [2] },
  ]
  return {
    name,
    args: [
      ...block(C, C1),
      ...block(C1, C2),
      { module: 'nn.Flatten' },
      { module: 'nn.Linear', args: [features, K] },
      { module: 'nn.CrossEntropyLoss' },
    ],
    inputs: {
      x: { shape: [N, C, H, W] },
      target: { shape: [N], fill: 'classes', classes: K, dtype: 'int32' },
    },
    params: {
      '0.weight': { scale: 1 / Math.sqrt(9 * C) },
      '3.weight': { scale: 1 / Math.sqrt(9 * C1) },
      '7.weight': { scale: 1 / Math.sqrt(features) },
    },
  }
}

/** The seed's network as a whole: what all layers do together, and the chain rule that ties them. */
export const spec: ModuleSpec = {
  kind: 'module',
  name: 'Network',
  torch: 'nn.Sequential',
  loss: true,
  ownDtype: true,
  create(args, { dtype = 'float32' }) {
    const { layers, criterion } = recipeOf(args, dtype)
    const net = new Sequential(...layers)
    return {
      forward: (x: Tensor<DType>, target: Tensor<DType>) =>
        criterion.forward(net.forward(x as Tensor), target as Tensor<'int32'>),
      bwd(options) {
        criterion.bwd()
        net.backward(options)
      },
      namedParameters: () => net.namedParameters(),
    }
  },
  derivation,
  onKernels: 9,
  mutants,
  cases: [
    caseOf('tall', { N: 2, C: 1, H: 8, W: 5, C1: 2, C2: 3, K: 4 }),
    caseOf('wide', { N: 2, C: 1, H: 5, W: 8, C1: 3, C2: 2, K: 4 }),
    caseOf('remainders', { N: 3, C: 1, H: 7, W: 4, C1: 2, C2: 3, K: 2 }),
    caseOf('two-channels', { N: 1, C: 2, H: 4, W: 6, C1: 2, C2: 3, K: 4 }),
    caseOf('small', { N: 2, C: 1, H: 4, W: 5, C1: 2, C2: 3, K: 4 }),
    caseOf('one-image', { N: 1, C: 1, H: 4, W: 7, C1: 2, C2: 3, K: 5 }),
    caseOf('one-image-tall', { N: 1, C: 1, H: 9, W: 4, C1: 2, C2: 4, K: 3 }),
    caseOf('both-ways', { N: 1, C: 1, H: 8, W: 13, C1: 2, C2: 3, K: 4 }),
    caseOf('seed', { N: 2, C: 1, H: 4, W: 8, C1: 8, C2: 16, K: 10 }),
  ],
  errors: [],
}
