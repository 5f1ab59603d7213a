import { Adam, OneCycleLR, type Optimizer, type Schedule, SGD, StepLR } from '@handgrad/loss-optim'
import type { Tensor } from '@handgrad/tensor'
import type { OptimizerName, ScheduleName, TrainConfig } from './config.ts'

const optimizers: Record<
  OptimizerName,
  (parameters: Tensor[], config: TrainConfig) => Optimizer<{ lr: number }>
> = {
  sgd: (parameters, { lr, momentum }) => new SGD(parameters, { lr, momentum }),
  adam: (parameters, { lr }) => new Adam(parameters, { lr }),
}

/** The optimizer that `config` names, for `parameters`. */
export function newOptimizer(parameters: Tensor[], config: TrainConfig): Optimizer<{ lr: number }> {
  return optimizers[config.optimizer](parameters, config)
}

/** What the optimizer keeps for each parameter once it has made a step, by torch's names. */
export function keptKeys({ optimizer, momentum }: TrainConfig): string[] {
  if (optimizer === 'adam') return ['step', 'exp_avg', 'exp_avg_sq']
  return momentum === 0 ? [] : ['momentum_buffer']
}

/** A schedule of the learning rate, and when it moves on. */
export interface Pacing {
  readonly schedule: Schedule
  readonly every: 'batch' | 'epoch'
}

const lengths = {
  constant: () => null,
  step: (epochs: number) => Math.ceil(epochs / 3),
  'one-cycle': (epochs: number) => epochs,
} satisfies Record<ScheduleName, (epochs: number) => number | null>

/**
 * The epochs of one stretch of the schedule, null where it has none: a run may get another number of epochs as long as
 * this stays.
 */
export function lengthOfSchedule({ schedule, epochs }: TrainConfig): number | null {
  return lengths[schedule](epochs)
}

const schedules: Record<
  ScheduleName,
  (optimizer: Optimizer<{ lr: number }>, config: TrainConfig, stepsPerEpoch: number) => Pacing | null
> = {
  constant: () => null,
  step: (optimizer, { epochs }) => ({
    schedule: new StepLR(optimizer, lengths.step(epochs)),
    every: 'epoch',
  }),
  // The momentum stays what the config says; torch's own default moves it too.
  'one-cycle': (optimizer, { lr, epochs }, stepsPerEpoch) => ({
    schedule: new OneCycleLR(optimizer, lr, { epochs, stepsPerEpoch, cycleMomentum: false }),
    every: 'batch',
  }),
}

/** The schedule that `config` names, or null for a constant rate. */
export function newPacing(
  optimizer: Optimizer<{ lr: number }>,
  config: TrainConfig,
  stepsPerEpoch: number,
): Pacing | null {
  return schedules[config.schedule](optimizer, config, stepsPerEpoch)
}
