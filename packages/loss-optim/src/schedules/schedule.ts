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

  constructor(optimizer: Scheduled) {
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

  /** Continues from a saved position. */
  loadStateDict({ lastEpoch, lr }: ScheduleState): this {
    this.lastEpoch = lastEpoch
    this.optimizer.options.lr = lr
    return this
  }
}
