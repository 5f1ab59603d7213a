import { exitCodes } from './errors.ts'

/**
 * Hears of a reader that has gone, and does nothing. Node ignores SIGPIPE as it starts; but where the last listener goes,
 * the system's own effect is back, and that ends the program in the middle of what it writes.
 */
export const deaf = (): void => {}

/** Whether the program was asked to stop, and with which exit code it then ends. */
export interface Stop {
  /** Null while no one has asked. */
  readonly exitCode: number | null
  /** Whether the reader of an output pipe has gone: the work goes on, for what it writes to files. */
  readonly isUnread: boolean
  /** Gives the signals back to their usual effect. */
  dispose(): void
}

const codes = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  // The terminal has gone.
  SIGHUP: exitCodes.hungUp,
} as const

/**
 * Lets a long command end in good order: the first signal only sets `exitCode` and calls `onStop`; a second Ctrl-C
 * quits at once.
 */
export function watchStop(onStop: () => void): Stop {
  let exitCode: number | null = null
  let isUnread = false
  // Sent by main.ts.
  const onPipe = (): void => void (isUnread = true)
  const listener = (signal: NodeJS.Signals): void => {
    if (exitCode !== null && signal === 'SIGINT') process.exit(exitCodes.interrupted)
    if (exitCode !== null) return
    exitCode = codes[signal as keyof typeof codes]
    onStop()
  }
  const signals = Object.keys(codes) as (keyof typeof codes)[]
  for (const signal of signals) process.on(signal, listener)
  process.on('SIGPIPE', onPipe)
  return {
    get exitCode() {
      return exitCode
    },
    get isUnread() {
      return isUnread
    },
    dispose: () => {
      for (const signal of signals) process.off(signal, listener)
      if (!process.listeners('SIGPIPE').includes(deaf)) process.on('SIGPIPE', deaf)
      process.off('SIGPIPE', onPipe)
    },
  }
}
