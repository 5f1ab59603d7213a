import { Schedule, type Scheduled } from './schedule.ts'

/** The options of {@link StepLR}. */
export interface StepLROptions {
  /** What the rate is multiplied with; 0.1. */
  gamma?: number
}

/** Multiplies the learning rate by `gamma` after every `stepSize` steps, as torch.optim.lr_scheduler.StepLR. */
export class StepLR extends Schedule {
  readonly stepSize: number
  readonly gamma: number

  /** @throws RangeError when `stepSize` is not a whole number ≥ 1. */
  constructor(optimizer: Scheduled, stepSize: number, { gamma = 0.1 }: StepLROptions = {}) {
    if (!Number.isSafeInteger(stepSize) || stepSize < 1) {
      throw new RangeError(`StepLR: stepSize is ${stepSize}, expected a whole number ≥ 1`)
    }
    super(optimizer)
    this.stepSize = stepSize
    this.gamma = gamma
  }

  protected apply(): void {
    if (this.lastEpoch % this.stepSize === 0) this.optimizer.options.lr *= this.gamma
  }
}
