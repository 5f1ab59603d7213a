import {
  combinations,
  type ErrorCase,
  type OptimizerCase,
  type OptimizerSpec,
  type Options,
} from '@handgrad/gradcheck'
import { Adam } from './adam.ts'
import { derivation } from './derivation.ts'
import { mutants } from './mutants.ts'

const params = { weight: { shape: [3, 4] }, bias: { shape: [5] } }

const of = (name: string, options: Options, more: Partial<OptimizerCase> = {}): OptimizerCase => ({
  name,
  options,
  params,
  steps: 4,
  ...more,
})

/** torch's own options for Adam. */
const samples = [
  of('default', {}),
  of('lr', { lr: 0.01 }),
  of('weight-decay', { weightDecay: 0.1 }),
  of('maximize', { weightDecay: 0.1, maximize: true }),
  of('amsgrad', { weightDecay: 0.1, amsgrad: true }),
]

const grid = combinations({
  betas: [
    [0.9, 0.999],
    [0.5, 0.9],
  ],
  weightDecay: [0, 0.2],
  amsgrad: [false, true],
  maximize: [false, true],
}).map((options) => of(`grid-${Object.values(options).join('-')}`, { lr: 0.1, ...options }, { steps: 6 }))

const own = [
  of('many-steps', { lr: 0.05 }, { steps: 12 }),
  of('large-eps', { lr: 0.1, eps: 0.5 }),
  of('no-first-mean', { lr: 0.1, betas: [0, 0.99] }),
  of('no-second-mean', { lr: 0.1, betas: [0.9, 0] }),
  of('lr-0', { lr: 0 }),
  of(
    'skipped-gradients',
    { lr: 0.1, weightDecay: 0.1 },
    { steps: 5, without: { bias: [1, 4], weight: [3] } },
  ),
  of(
    'skipped-gradients-amsgrad',
    { lr: 0.1, amsgrad: true },
    { steps: 5, without: { bias: [2], weight: [1, 3] } },
  ),
  of('shrinking-gradients', { lr: 0.1, amsgrad: true, betas: [0.9, 0.1] }, { steps: 8 }),
  of('large-gradients', { lr: 0.1 }, { gradients: { scale: 1e5 } }),
  of('small-gradients', { lr: 0.1 }, { gradients: { scale: 1e-6 } }),
]

const error = (name: string, options: Options, message: string): ErrorCase => ({ name, options, message })

/** The cases of {@link Adam}. */
export const spec: OptimizerSpec = {
  kind: 'optimizer',
  name: 'Adam',
  torch: 'optim.Adam',
  derivation,
  mutants,
  create: (parameters, options) => new Adam(parameters, options),
  cases: [...samples, ...grid, ...own],
  errors: [
    error('lr-negative', { lr: -0.1 }, 'Adam: lr is -0.1, expected a number ≥ 0'),
    error('beta-1-too-large', { betas: [1, 0] }, 'Adam: betas[0] is 1, expected a number ≥ 0 and < 1'),
    error('beta-2-negative', { betas: [0.9, -0.1] }, 'Adam: betas[1] is -0.1, expected a number ≥ 0 and < 1'),
    error('weight-decay-negative', { weightDecay: -1 }, 'Adam: weightDecay is -1, expected a number ≥ 0'),
    error('eps-negative', { eps: -1e-8 }, 'Adam: eps is -1e-8, expected a number ≥ 0'),
  ],
}
