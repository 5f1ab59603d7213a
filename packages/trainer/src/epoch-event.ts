import type { EpochEvent } from './events.ts'
import type { Stalled } from './movement.ts'
import type { Tally } from './tally.ts'

/** What is said of an epoch once it has ended: of its training, its validation, and what stood still in it. */
export function epochEvent(
  place: Pick<EpochEvent, 'epoch' | 'epochs' | 'lr'>,
  trained: Tally,
  validated: Tally,
  { zeroGradient, unmoved }: Stalled,
): EpochEvent {
  return {
    event: 'epoch',
    ...place,
    trainLoss: trained.loss,
    trainAccuracy: trained.accuracy,
    validationLoss: validated.loss,
    validationAccuracy: validated.accuracy,
    seconds: trained.seconds + validated.seconds,
    imagesPerSecond: trained.imagesPerSecond,
    ...(zeroGradient.length > 0 && { zeroGradient }),
    ...(unmoved.length > 0 && { unmoved }),
  }
}
