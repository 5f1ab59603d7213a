import { exitCodes } from './errors.ts'

/** Whether the program was asked to stop, and with which exit code it then ends. */
export interface Stop {
  readonly exitCode: number | null
  /** Gives the signals back to their usual effect. */
  dispose(): void
}

const codes = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
  // The terminal has gone.
  SIGHUP: exitCodes.hungUp,
  // Sent by main.ts when the reader of an output pipe has gone.
  SIGPIPE: exitCodes.brokenPipe,
} as const

/**
 * Lets a long command end in good order: the first signal only sets `exitCode` and calls `onStop`; a second Ctrl-C
 * quits at once.
 */
export function watchStop(onStop: () => void): Stop {
  let exitCode: number | null = null
  const listener = (signal: NodeJS.Signals): void => {
    if (exitCode !== null && signal === 'SIGINT') process.exit(exitCodes.interrupted)
    if (exitCode !== null) return
    exitCode = codes[signal as keyof typeof codes]
    if (signal !== 'SIGPIPE') onStop()
  }
  const signals = Object.keys(codes) as (keyof typeof codes)[]
  for (const signal of signals) process.on(signal, listener)
  return {
    get exitCode() {
      return exitCode
    },
    dispose: () => {
      for (const signal of signals) process.off(signal, listener)
    },
  }
}
