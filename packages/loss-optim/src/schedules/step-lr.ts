import { checkOptions, describeValue, type OptionNames } from '@handgrad/tensor'
import { Schedule, type Scheduled } from './schedule.ts'

/** The options of {@link StepLR}. */
export interface StepLROptions {
  /** What the rate is multiplied with; 0.1. */
  gamma?: number
}

const optionNames: OptionNames<StepLROptions> = { gamma: null }

/** Multiplies the learning rate by `gamma` after every `stepSize` steps, as torch.optim.lr_scheduler.StepLR. */
export class StepLR extends Schedule {
  readonly stepSize: number
  readonly gamma: number

  /** @throws RangeError when `stepSize` is not a whole number ≥ 1 or `gamma` is no number. */
  constructor(optimizer: Scheduled, stepSize: number, options: StepLROptions = {}) {
    checkOptions('StepLR', optionNames, arguments, 2)
    const { gamma = 0.1 } = options
    if (!Number.isSafeInteger(stepSize) || stepSize < 1) {
      throw new RangeError(`StepLR: stepSize is ${describeValue(stepSize)}, expected a whole number ≥ 1`)
    }
    if (!Number.isFinite(gamma)) {
      throw new RangeError(`StepLR: gamma is ${describeValue(gamma)}, expected a number`)
    }
    super(optimizer)
    this.stepSize = stepSize
    this.gamma = gamma
  }

  protected apply(): void {
    if (this.lastEpoch % this.stepSize === 0) this.optimizer.options.lr *= this.gamma
  }
}
