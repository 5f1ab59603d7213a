import { Schedule, type Scheduled } from './schedule.ts'

/** The options of {@link OneCycleLR}, with torch's defaults. */
export interface OneCycleLROptions {
  /** How many steps the cycle has; or give `epochs` and `stepsPerEpoch`. */
  totalSteps?: number
  epochs?: number
  stepsPerEpoch?: number
  /** The share of the cycle in which the rate rises; 0.3. */
  pctStart?: number
  /** `'cos'` unless told. */
  annealStrategy?: 'cos' | 'linear'
  /** Whether momentum (β₁ of Adam) goes the other way; true. */
  cycleMomentum?: boolean
  /** 0.85. */
  baseMomentum?: number
  /** 0.95. */
  maxMomentum?: number
  /** The first rate is maxLr/divFactor; 25. */
  divFactor?: number
  /** The last rate is the first/finalDivFactor; 10⁴. */
  finalDivFactor?: number
  /** Falls in two phases, first symmetrically to the rise; false. */
  threePhase?: boolean
}

/** One stretch of the cycle: the step it ends at, and the values of rate and momentum at its ends. */
interface Phase {
  end: number
  lr: readonly [number, number]
  momentum: readonly [number, number]
}

const anneals = {
  cos: (start: number, end: number, pct: number): number =>
    end + ((start - end) / 2) * (Math.cos(Math.PI * pct) + 1),
  linear: (start: number, end: number, pct: number): number => (end - start) * pct + start,
}

/**
 * The learning rate rises from maxLr/divFactor to maxLr and falls to almost nothing, momentum the other way.
 *
 * Source: Smith and Topin (2018), as torch.optim.lr_scheduler.OneCycleLR.
 */
export class OneCycleLR extends Schedule {
  readonly totalSteps: number
  readonly #phases: Phase[]
  readonly #anneal: (start: number, end: number, pct: number) => number
  readonly #cycleMomentum: boolean

  /** @throws RangeError without a number of steps, for shares outside 0 … 1, or an optimizer without momentum. */
  constructor(optimizer: Scheduled, maxLr: number, options: OneCycleLROptions = {}) {
    const totalSteps =
      options.totalSteps ?? (options.epochs ?? Number.NaN) * (options.stepsPerEpoch ?? Number.NaN)
    const { pctStart = 0.3, annealStrategy = 'cos', cycleMomentum = true } = options
    if (!Number.isSafeInteger(totalSteps) || totalSteps < 1) {
      throw new RangeError('OneCycleLR: give totalSteps, or epochs and stepsPerEpoch, as whole numbers ≥ 1')
    }
    if (!(maxLr > 0)) throw new RangeError(`OneCycleLR: maxLr is ${maxLr}, expected a number above 0`)
    if (!(pctStart >= 0 && pctStart <= 1))
      throw new RangeError(`OneCycleLR: pctStart is ${pctStart}, expected 0 to 1`)
    if (!Object.hasOwn(anneals, annealStrategy)) {
      throw new RangeError(`OneCycleLR: annealStrategy is '${annealStrategy}', expected 'cos' or 'linear'`)
    }
    super(optimizer)
    this.totalSteps = totalSteps
    this.#phases = phasesOf(maxLr, totalSteps, options)
    this.#anneal = anneals[annealStrategy]
    this.#cycleMomentum = cycleMomentum
    if (cycleMomentum && !('momentum' in optimizer.options) && !('betas' in optimizer.options)) {
      throw new RangeError(
        'OneCycleLR: the optimizer has no momentum to cycle; pass { cycleMomentum: false }',
      )
    }
    this.apply()
  }

  /** @throws RangeError beyond the last step; nothing has changed then. */
  override step(): void {
    if (this.lastEpoch >= this.totalSteps) {
      throw new RangeError(`OneCycleLR: step ${this.lastEpoch + 1} is beyond the cycle's ${this.totalSteps}`)
    }
    super.step()
  }

  protected apply(): void {
    const step = this.lastEpoch
    const phases = this.#phases
    const at = phases.findIndex((phase, i) => step <= phase.end || i === phases.length - 1)
    const start = at === 0 ? 0 : phases[at - 1].end
    const { end, lr, momentum } = phases[at]
    const pct = (step - start) / (end - start)
    const options: { lr: number; momentum?: number; betas?: readonly [number, number] } =
      this.optimizer.options
    options.lr = this.#anneal(...lr, pct)
    if (!this.#cycleMomentum) return
    const value = this.#anneal(...momentum, pct)
    if (options.betas === undefined) options.momentum = value
    else options.betas = [value, options.betas[1]]
  }
}

function phasesOf(maxLr: number, totalSteps: number, options: OneCycleLROptions): Phase[] {
  const {
    pctStart = 0.3,
    baseMomentum = 0.85,
    maxMomentum = 0.95,
    divFactor = 25,
    finalDivFactor = 1e4,
  } = options
  const first = maxLr / divFactor
  const last = first / finalDivFactor
  const top = pctStart * totalSteps - 1
  const rise: Phase = { end: top, lr: [first, maxLr], momentum: [maxMomentum, baseMomentum] }
  if (!options.threePhase) {
    return [rise, { end: totalSteps - 1, lr: [maxLr, last], momentum: [baseMomentum, maxMomentum] }]
  }
  return [
    rise,
    { end: 2 * pctStart * totalSteps - 2, lr: [maxLr, first], momentum: [baseMomentum, maxMomentum] },
    { end: totalSteps - 1, lr: [first, last], momentum: [maxMomentum, maxMomentum] },
  ]
}
