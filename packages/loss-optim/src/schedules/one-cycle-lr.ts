import { type Cycle, type OneCycleLROptions, resolveCycle } from './cycle.ts'
import { type Phase, phasesOf, valueAt } from './phases.ts'
import { Schedule, type Scheduled, type ScheduleState } from './schedule.ts'

/**
 * The learning rate rises from maxLr/divFactor to maxLr and falls to almost nothing, momentum the other way.
 *
 * Source: Smith and Topin (2018), as torch.optim.lr_scheduler.OneCycleLR.
 */
export class OneCycleLR extends Schedule {
  readonly totalSteps: number
  readonly #phases: readonly Phase[]
  readonly #cycle: Cycle

  /**
   * @throws RangeError without a number of steps, for options out of range, an optimizer without momentum, or a phase
   * without a step, where torch divides by zero.
   */
  constructor(optimizer: Scheduled, maxLr: number, options: OneCycleLROptions = {}) {
    const cycle = resolveCycle(maxLr, options, arguments)
    super(optimizer)
    if (cycle.cycleMomentum && !('momentum' in optimizer.options) && !('betas' in optimizer.options)) {
      throw new RangeError(
        'OneCycleLR: the optimizer has no momentum to cycle; pass { cycleMomentum: false }',
      )
    }
    this.totalSteps = cycle.totalSteps
    this.#phases = phasesOf(cycle)
    this.#cycle = cycle
    this.apply()
  }

  /** @throws RangeError beyond the last step; nothing has changed then. */
  override step(): void {
    if (this.lastEpoch >= this.totalSteps) {
      throw new RangeError(`OneCycleLR: step ${this.lastEpoch + 1} is beyond the cycle's ${this.totalSteps}`)
    }
    super.step()
  }

  /**
   * Continues from a saved position, the momentum's too.
   * @throws RangeError when it is none of this cycle; nothing has changed then.
   */
  override loadStateDict(state: ScheduleState): this {
    if (state?.lastEpoch > this.totalSteps) {
      const came = `lastEpoch is ${state.lastEpoch}`
      throw new RangeError(`OneCycleLR.loadStateDict: ${came}, the cycle has ${this.totalSteps} steps`)
    }
    super.loadStateDict(state)
    const { lr } = this.optimizer.options
    this.apply()
    this.optimizer.options.lr = lr
    return this
  }

  protected apply(): void {
    const { lr, momentum } = valueAt(this.#phases, this.lastEpoch, this.#cycle.annealStrategy)
    const options: { lr: number; momentum?: number; betas?: readonly [number, number] } =
      this.optimizer.options
    options.lr = lr
    if (!this.#cycle.cycleMomentum) return
    if (options.betas === undefined) options.momentum = momentum
    else options.betas = [momentum, options.betas[1]]
  }
}
