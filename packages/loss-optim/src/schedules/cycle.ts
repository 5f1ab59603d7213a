import { checkOptions, describeValue, type OptionNames } from '@handgrad/tensor'

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

const optionNames: OptionNames<OneCycleLROptions> = {
  totalSteps: null,
  epochs: null,
  stepsPerEpoch: null,
  pctStart: null,
  annealStrategy: null,
  cycleMomentum: null,
  baseMomentum: null,
  maxMomentum: null,
  divFactor: null,
  finalDivFactor: null,
  threePhase: null,
}

/**
 * The options with their defaults, and the highest rate.
 * @internal
 */
export type Cycle = Required<Omit<OneCycleLROptions, 'epochs' | 'stepsPerEpoch'>> & { maxLr: number }

const isCount = (value: number | undefined): value is number => Number.isSafeInteger(value) && value! >= 1

function totalOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions): number {
  if (totalSteps === undefined && isCount(epochs) && isCount(stepsPerEpoch)) return epochs * stepsPerEpoch
  if (isCount(totalSteps)) return totalSteps
  throw new RangeError('OneCycleLR: give totalSteps, or epochs and stepsPerEpoch, as whole numbers ≥ 1')
}

/**
 * Fills in the defaults.
 * @internal
 * @throws RangeError for an option that is out of range; TypeError for one that does not exist.
 */
export function resolveCycle(maxLr: number, options: OneCycleLROptions, args: ArrayLike<unknown>): Cycle {
  checkOptions('OneCycleLR', optionNames, args, 2)
  const {
    pctStart = 0.3,
    annealStrategy = 'cos',
    cycleMomentum = true,
    baseMomentum = 0.85,
    maxMomentum = 0.95,
    divFactor = 25,
    finalDivFactor = 1e4,
    threePhase = false,
  } = options
  const totalSteps = totalOf(options)
  const refuse = (name: string, value: unknown, expected: string): never => {
    throw new RangeError(`OneCycleLR: ${name} is ${describeValue(value)}, expected ${expected}`)
  }
  if (!(Number.isFinite(maxLr) && maxLr > 0)) refuse('maxLr', maxLr, 'a number above 0')
  if (!(pctStart >= 0 && pctStart <= 1)) refuse('pctStart', pctStart, '0 to 1')
  if (annealStrategy !== 'cos' && annealStrategy !== 'linear') {
    refuse('annealStrategy', annealStrategy, "'cos' or 'linear'")
  }
  for (const [name, value] of Object.entries({ divFactor, finalDivFactor })) {
    if (!(value > 0)) refuse(name, value, 'a number above 0')
  }
  for (const [name, value] of Object.entries({ baseMomentum, maxMomentum })) {
    if (!(Number.isFinite(value) && value >= 0)) refuse(name, value, 'a number ≥ 0')
  }
  return {
    maxLr,
    totalSteps,
    pctStart,
    annealStrategy,
    cycleMomentum,
    baseMomentum,
    maxMomentum,
    divFactor,
    finalDivFactor,
    threePhase,
  }
}
