import { InvalidArgumentError } from 'commander'

/** How often a run is saved within an epoch: after so many batches, or so many seconds. */
export interface CheckpointEvery {
  readonly count: number
  readonly unit: 'steps' | 'seconds'
}

/** What counts where nobody says. */
export const usualEvery: CheckpointEvery = { count: 60, unit: 'seconds' }

/** Reads `500` (steps) or `30s` (seconds). @throws InvalidArgumentError for anything else. */
export function parseEvery(text: string): CheckpointEvery {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(s?)$/.exec(text) ?? []
  const count = Number(digits)
  if (digits === undefined || !(count > 0) || (unit === '' && !Number.isSafeInteger(count)))
    throw new InvalidArgumentError('expected a number of steps, as 500, or of seconds, as 30s')
  return { count, unit: unit === 's' ? 'seconds' : 'steps' }
}

/** Says, after each batch, whether it is time to save; `saved` starts the count again. */
export function newTimer(
  { count, unit }: CheckpointEvery,
  now: () => number = () => performance.now() / 1000,
): { isDue(): boolean; saved(): void } {
  let batches = 0
  let since = now()
  return {
    isDue: () => (unit === 'steps' ? ++batches >= count : now() - since >= count),
    saved() {
      batches = 0
      since = now()
    },
  }
}
