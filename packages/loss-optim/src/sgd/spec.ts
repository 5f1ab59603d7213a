import {
  combinations,
  type ErrorCase,
  type OptimizerCase,
  type OptimizerSpec,
  type Options,
} from '@handgrad/gradcheck'
import { derivation } from './derivation.ts'
import { mutants } from './mutants.ts'
import { SGD } from './sgd.ts'

const params = { weight: { shape: [3, 4] }, bias: { shape: [5] } }

const of = (name: string, options: Options, more: Partial<OptimizerCase> = {}): OptimizerCase => ({
  name,
  options,
  params,
  steps: 4,
  ...more,
})

/** torch's own options for SGD. */
const samples = [
  of('default', {}),
  of('lr', { lr: 1e-2 }),
  of('weight-decay', { weightDecay: 0.5 }),
  of('momentum', { momentum: 0.9 }),
  of('maximize', { weightDecay: 0.1, maximize: true }),
  of('dampening', { momentum: 0.9, dampening: 0.5 }),
  of('momentum-weight-decay', { momentum: 0.9, weightDecay: 0.1 }),
  of('nesterov', { momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
]

/** Everything with everything, where torch allows it. */
const grid = combinations({
  momentum: [0, 0.9],
  dampening: [0, 0.3],
  weightDecay: [0, 0.1],
  nesterov: [false, true],
  maximize: [false, true],
})
  .filter(({ momentum, dampening, nesterov }) => !nesterov || (momentum > 0 && dampening === 0))
  .map((options) => of(`grid-${Object.values(options).join('-')}`, { lr: 0.1, ...options }))

const own = [
  of('lr-1', { lr: 1, momentum: 0.5 }),
  of('lr-0', { lr: 0, momentum: 0.9 }),
  of('many-steps', { lr: 0.05, momentum: 0.9, weightDecay: 0.01 }, { steps: 12 }),
  of('momentum-above-1', { lr: 0.01, momentum: 1.5 }),
  of('negative-dampening', { lr: 0.1, momentum: 0.9, dampening: -0.5 }),
  of(
    'skipped-gradients',
    { lr: 0.1, momentum: 0.9, weightDecay: 0.1 },
    { steps: 5, without: { bias: [1, 4], weight: [3] } },
  ),
  of(
    'first-gradient-later',
    { lr: 0.1, momentum: 0.9, dampening: 0.4 },
    { steps: 5, without: { bias: [1, 2], weight: [3] } },
  ),
  of('never-a-gradient', { lr: 0.1, momentum: 0.9 }, { without: { bias: [1, 2, 3, 4] } }),
  of('large-gradients', { lr: 0.1, momentum: 0.9 }, { gradients: { scale: 1e5 } }),
  of('small-gradients', { lr: 0.1, weightDecay: 0.1 }, { gradients: { scale: 1e-6 } }),
]

const error = (name: string, options: Options, message: string, torchAccepts?: string): ErrorCase => ({
  name,
  options,
  message,
  ...(torchAccepts === undefined ? {} : { torchAccepts }),
})

/** The cases of {@link SGD}. */
export const spec: OptimizerSpec = {
  kind: 'optimizer',
  name: 'SGD',
  torch: 'optim.SGD',
  derivation,
  mutants,
  create: (parameters, options) => new SGD(parameters, options),
  cases: [...samples, ...grid, ...own],
  errors: [
    error('lr-negative', { lr: -0.1 }, 'SGD: lr is -0.1, expected a number ≥ 0'),
    error('momentum-negative', { momentum: -0.5 }, 'SGD: momentum is -0.5, expected a number ≥ 0'),
    error('weight-decay-negative', { weightDecay: -1 }, 'SGD: weightDecay is -1, expected a number ≥ 0'),
    error(
      'nesterov-without-momentum',
      { nesterov: true },
      'SGD: nesterov needs a momentum above 0 and dampening 0',
    ),
    error(
      'nesterov-with-dampening',
      { nesterov: true, momentum: 0.9, dampening: 0.1 },
      'SGD: nesterov needs a momentum above 0 and dampening 0',
    ),
  ],
}
