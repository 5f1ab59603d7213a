import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

/** Whether the page is a phone's: pictures stack. Wide when the page is built. */
export function useNarrow(): boolean {
  const narrow = useSignal(false)
  useEffect(() => {
    const query = matchMedia('(max-width: 40rem)')
    const look = (): void => void (narrow.value = query.matches)
    look()
    query.addEventListener('change', look)
    return () => query.removeEventListener('change', look)
  }, [narrow])
  return narrow.value
}

/** Milliseconds between two steps, unless told. */
const EVERY = 650

/** Something that goes on by itself, step by step, until `step` says that there is no more. */
export interface Play {
  readonly playing: boolean
  /** Starts or stops; where it starts, after `before`. */
  toggle(before?: () => void): void
  stop(): void
}

/** Calls `step` every so many milliseconds, once it is started. */
export function usePlay(step: () => boolean, every = EVERY): Play {
  const playing = useSignal(false)
  const latest = useRef(step)
  latest.current = step
  useEffect(() => {
    const timer = playing.value
      ? setInterval(() => {
          if (!latest.current()) playing.value = false
        }, every)
      : undefined
    return () => clearInterval(timer)
  }, [playing.value, playing, every])
  return {
    playing: playing.value,
    toggle(before) {
      if (!playing.value) before?.()
      playing.value = !playing.value
    },
    stop: () => void (playing.value = false),
  }
}
