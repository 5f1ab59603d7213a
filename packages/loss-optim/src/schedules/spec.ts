import {
  type Argument,
  combinations,
  type ErrorCase,
  type Options,
  type ScheduleCase,
  type ScheduleSpec,
} from '@handgrad/gradcheck'
import { zeros } from '@handgrad/tensor'
import { Adam } from '../adam/adam.ts'
import { SGD } from '../sgd/sgd.ts'
import { mutants } from './mutants.ts'
import { OneCycleLR } from './one-cycle-lr.ts'
import type { Schedule } from './schedule.ts'
import { StepLR } from './step-lr.ts'

const STEP = 'optim.lr_scheduler.StepLR'
const CYCLE = 'optim.lr_scheduler.OneCycleLR'
const sgd = { torch: 'optim.SGD', options: { lr: 0.1, momentum: 0.9 } }
const adam = { torch: 'optim.Adam', options: { lr: 0.1 } }

const still = { constant: 'this schedule leaves the momentum alone' }

const stepLR = (
  name: string,
  steps: number,
  args: readonly Argument[],
  options: Options = {},
): ScheduleCase => ({
  name,
  torch: STEP,
  args,
  options,
  optimizer: sgd,
  steps,
  expect: { momentum: still },
})

const oneCycle = (name: string, steps: number, options: Options, optimizer = sgd): ScheduleCase => ({
  name,
  torch: CYCLE,
  args: [0.1],
  options,
  optimizer,
  steps,
})

const grid = combinations({
  annealStrategy: ['cos', 'linear'],
  threePhase: [false, true],
  cycleMomentum: [true, false],
}).map(
  (options): ScheduleCase => ({
    ...oneCycle(`cycle-${Object.values(options).join('-')}`, 20, { totalSteps: 20, ...options }),
    ...(options.cycleMomentum ? {} : { expect: { momentum: still } }),
  }),
)

const error = (
  name: string,
  torch: string,
  args: readonly Argument[],
  options: Options,
  message: string,
  torchAccepts?: string,
): ErrorCase => ({
  name,
  torch,
  args,
  options,
  optimizer: sgd,
  message,
  ...(torchAccepts === undefined ? {} : { torchAccepts }),
})

function make({
  torch,
  args = [],
  options = {},
  optimizer,
}: Pick<ScheduleCase, 'torch' | 'args' | 'options' | 'optimizer'>): Schedule {
  const made = new { 'optim.SGD': SGD, 'optim.Adam': Adam }[optimizer.torch as 'optim.SGD'](
    [zeros([1])],
    optimizer.options,
  )
  return torch === STEP
    ? new StepLR(made, args[0] as number, options)
    : new OneCycleLR(made, args[0] as number, options)
}

/** The cases of {@link StepLR} and {@link OneCycleLR}. */
export const spec: ScheduleSpec = {
  kind: 'schedule',
  name: 'Schedules',
  torch: STEP,
  derivation: null,
  mutants,
  create(item) {
    const schedule = make(item as ScheduleCase)
    return {
      step: () => schedule.step(),
      rates() {
        const options: { lr: number; momentum?: number; betas?: readonly [number, number] } =
          schedule.optimizer.options
        return { lr: options.lr, momentum: options.momentum ?? options.betas![0] }
      },
    }
  },
  cases: [
    stepLR('step-3', 10, [3]),
    stepLR('step-1', 6, [1], { gamma: 0.5 }),
    {
      ...stepLR('step-beyond-run', 5, [30], { gamma: 0.5 }),
      expect: { lr: { constant: 'the run ends before the first step' }, momentum: still },
    },
    stepLR('step-growing', 9, [4], { gamma: 1.5 }),
    ...grid,
    oneCycle('cycle-epochs', 24, { epochs: 4, stepsPerEpoch: 6 }),
    oneCycle('cycle-short-rise', 30, { totalSteps: 30, pctStart: 0.1 }),
    oneCycle('cycle-long-rise', 30, { totalSteps: 30, pctStart: 0.65, divFactor: 10, finalDivFactor: 100 }),
    oneCycle('cycle-momentum-range', 16, { totalSteps: 16, baseMomentum: 0.5, maxMomentum: 0.99 }),
    oneCycle('cycle-no-rise', 6, { totalSteps: 6, pctStart: 0.01 }),
    oneCycle('cycle-no-fall', 7, { totalSteps: 7, pctStart: 0.95 }),
    oneCycle('cycle-three-steps', 3, { totalSteps: 3 }),
    oneCycle('cycle-three-phases-short', 6, { totalSteps: 6, threePhase: true }),
    oneCycle('cycle-three-phases-out-of-order', 5, { totalSteps: 5, pctStart: 0.9, threePhase: true }),
    oneCycle('cycle-all-options', 14, {
      totalSteps: 14,
      pctStart: 0.4,
      annealStrategy: 'linear',
      baseMomentum: 0.6,
      maxMomentum: 0.9,
      divFactor: 7,
      finalDivFactor: 50,
      threePhase: true,
    }),
    oneCycle('cycle-adam', 16, { totalSteps: 16 }, adam as typeof sgd),
    oneCycle('cycle-stopped-early', 7, { totalSteps: 50 }),
  ],
  errors: [
    error(
      'cycle-without-steps',
      CYCLE,
      [0.1],
      {},
      'OneCycleLR: give totalSteps, or epochs and stepsPerEpoch, as whole numbers ≥ 1',
    ),
    error(
      'cycle-no-steps',
      CYCLE,
      [0.1],
      { totalSteps: 0 },
      'OneCycleLR: give totalSteps, or epochs and stepsPerEpoch, as whole numbers ≥ 1',
    ),
    error(
      'cycle-share',
      CYCLE,
      [0.1],
      { totalSteps: 10, pctStart: 1.5 },
      'OneCycleLR: pctStart is 1.5, expected 0 to 1',
    ),
    error(
      'cycle-strategy',
      CYCLE,
      [0.1],
      { totalSteps: 10, annealStrategy: 'cubic' },
      "OneCycleLR: annealStrategy is 'cubic', expected 'cos' or 'linear'",
    ),
    error(
      'cycle-rate',
      CYCLE,
      [0],
      { totalSteps: 10 },
      'OneCycleLR: maxLr is 0, expected a number above 0',
      'torch takes any rate',
    ),
    error(
      'cycle-without-rise',
      CYCLE,
      [0.1],
      { totalSteps: 10, pctStart: 0.1 },
      'OneCycleLR: pctStart 0.1 of 10 steps leaves no step for the rise; give another pctStart',
    ),
    error(
      'cycle-without-fall',
      CYCLE,
      [0.1],
      { totalSteps: 10, pctStart: 1 },
      'OneCycleLR: pctStart 1 of 10 steps leaves no step for the fall; give another pctStart',
    ),
    error(
      'cycle-factor',
      CYCLE,
      [0.1],
      { totalSteps: 10, divFactor: 0 },
      'OneCycleLR: divFactor is 0, expected a number above 0',
    ),
    error(
      'cycle-half-epochs',
      CYCLE,
      [0.1],
      { epochs: 1.5, stepsPerEpoch: 2 },
      'OneCycleLR: give totalSteps, or epochs and stepsPerEpoch, as whole numbers ≥ 1',
    ),
    error(
      'step-size',
      STEP,
      [0],
      {},
      'StepLR: stepSize is 0, expected a whole number ≥ 1',
      'torch divides by it at the first step',
    ),
    error(
      'step-fraction',
      STEP,
      [1.5],
      {},
      'StepLR: stepSize is 1.5, expected a whole number ≥ 1',
      'torch takes any number',
    ),
  ],
}
