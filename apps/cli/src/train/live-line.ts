import type { ProgressEvent } from '@handgrad/trainer'
import type { Channel } from '../io.ts'
import { count, duration, lossText, percent } from './format.ts'

/** Shows how far a run is: one line rewritten in place on a terminal, else a plain line now and then. */
export interface LiveLine {
  show(event: ProgressEvent): void
  /** Takes the line away, so that something else can be written. */
  clear(): void
}

const rewriteEvery = 100
const plainEvery = 10_000

/** A line on `channel`, rewritten ten times a second, or printed every ten seconds where it cannot be rewritten. */
export function liveLine(channel: Channel, now: () => number = () => performance.now()): LiveLine {
  const interval = channel.live ? rewriteEvery : plainEvery
  let last = channel.live ? -Infinity : now()
  let shown = false
  return {
    show(event) {
      if (now() - last < interval) return
      last = now()
      if (!channel.live) return channel.line(progressText(event))
      // One column stays free: a full line would wrap and could not be rewritten.
      channel.write(`\r\x1b[K${progressText(event).slice(0, channel.columns - 1)}`)
      shown = true
    },
    clear() {
      if (shown) channel.write('\r\x1b[K')
      shown = false
      if (channel.live) last = -Infinity
    },
  }
}

/** How far a run is, in one line. */
export function progressText(event: ProgressEvent): string {
  const where = event.phase === 'test' ? 'test' : `epoch ${event.epoch}/${event.epochs}`
  const what = event.phase === 'validation' ? 'validation' : 'batch'
  return [
    where,
    `${what} ${event.batch}/${event.batches}`,
    `loss ${lossText(event.loss)}`,
    `acc ${percent(event.accuracy)}`,
    `${count(event.imagesPerSecond)} images/s`,
    `${duration(event.secondsLeft)} left`,
  ].join('  ')
}

/** Nothing is shown. */
export const noLiveLine: LiveLine = { show: () => {}, clear: () => {} }
