import type { ProgressEvent } from '@handgrad/trainer'

/** Training in the last stretch of batches. */
export interface LivePoint {
  /** Where: 1.5 is the middle of the second epoch. */
  readonly epoch: number
  /** Mean of the stretch's batches. */
  readonly loss: number
  /** Share of right answers in the stretch, 0 to 1. */
  readonly accuracy: number
}

/** Kept of a run: neighbours are joined when there are more. */
const MOST = 400

/** What training comes to, stretch by stretch, made from what an epoch comes to so far. */
export class LivePoints {
  #points: LivePoint[] = []
  /** Batches of a point, and more as the run gets longer. */
  #stretch = 8
  #before: ProgressEvent | null = null

  get all(): readonly LivePoint[] {
    return this.#points
  }

  /** Takes an event of training; the others tell nothing of it. */
  add(event: ProgressEvent): void {
    if (event.phase !== 'train') return
    const before =
      this.#before?.epoch === event.epoch && this.#before.batch < event.batch ? this.#before : null
    const from = before?.batch ?? 0
    const isLast = event.batch === event.batches
    if (event.batch - from < this.#stretch && !isLast) return
    this.#before = event
    // A run that goes on within an epoch tells of the part before it, too: that is one stretch.
    const of = (now: number, then = 0): number => (now * event.batch - then * from) / (event.batch - from)
    this.#points.push({
      epoch: event.epoch - 1 + event.batch / event.batches,
      loss: of(event.loss, before?.loss),
      accuracy: of(event.accuracy, before?.accuracy),
    })
    if (this.#points.length > MOST) this.#join()
  }

  #join(): void {
    const joined: LivePoint[] = []
    for (let i = 0; i + 1 < this.#points.length; i += 2) {
      const [a, b] = [this.#points[i], this.#points[i + 1]]
      joined.push({ epoch: b.epoch, loss: (a.loss + b.loss) / 2, accuracy: (a.accuracy + b.accuracy) / 2 })
    }
    // The odd one stays as it is.
    if (this.#points.length % 2 === 1) joined.push(this.#points[this.#points.length - 1])
    this.#points = joined
    this.#stretch *= 2
  }
}
