import { describeValue } from '@handgrad/tensor'
import type { Optimizer } from '../optimizer.ts'

/** What a schedule moves: any optimizer of this package. */
export type Scheduled = Optimizer<{ lr: number }>

/** A schedule's position: how often it was stepped, and the rate it set last. */
export interface ScheduleState {
  lastEpoch: number
  lr: number
}

/**
 * The base of the schedules: sets the optimizer's options when it is made and after each `step()`.
 * What a step is (a batch, an epoch) is the caller's choice.
 */
export abstract class Schedule {
  readonly optimizer: Scheduled
  /** How often `step()` was called. */
  lastEpoch = 0

  /** @throws TypeError when `optimizer` is none. */
  constructor(optimizer: Scheduled) {
    if (typeof optimizer?.options?.lr !== 'number') {
      throw new TypeError(
        `${new.target.name}: optimizer is ${describeValue(optimizer)}, expected an optimizer`,
      )
    }
    this.optimizer = optimizer
  }

  /** Writes the options for `lastEpoch`. */
  protected abstract apply(): void

  /** Moves on by one. */
  step(): void {
    this.lastEpoch++
    this.apply()
  }

  /** The learning rate in force, per parameter group: there is one. */
  getLastLr(): [number] {
    return [this.optimizer.options.lr]
  }

  /** The position; the optimizer's options are saved with the optimizer. */
  stateDict(): ScheduleState {
    return { lastEpoch: this.lastEpoch, lr: this.optimizer.options.lr }
  }

  /**
   * Continues from a saved position.
   * @throws RangeError when it is none of this schedule; nothing has changed then.
   */
  loadStateDict(state: ScheduleState): this {
    const name = `${this.constructor.name}.loadStateDict`
    if (typeof state !== 'object' || state === null) {
      throw new TypeError(`${name}: the state is ${describeValue(state)}, expected what stateDict() gave`)
    }
    const { lastEpoch, lr } = state
    if (!Number.isSafeInteger(lastEpoch) || lastEpoch < 0) {
      throw new RangeError(`${name}: lastEpoch is ${describeValue(lastEpoch)}, expected a whole number ≥ 0`)
    }
    if (!Number.isFinite(lr)) throw new RangeError(`${name}: lr is ${describeValue(lr)}, expected a number`)
    this.lastEpoch = lastEpoch
    this.optimizer.options.lr = lr
    return this
  }
}
