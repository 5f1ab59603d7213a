import type { Io } from './io.ts'

/** What the program ends with: the meaning of each number is part of its interface. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  gate: 3,
  brokenPipe: 141,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const

/** An error whose message is all that the user needs: it is printed on one line, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.failure, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** The message of anything that was thrown, on one line, and without what a terminal would take for commands. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\p{Cc}+/gu, ' ')
}

/** The exit code of `work`: its own, or that of the error that it threw, which is told in one line. */
export async function endOf(work: () => Promise<number>, { err }: Io): Promise<number> {
  try {
    return await work()
  } catch (error) {
    err.line(`error: ${oneLine(error)}`)
    if (process.env['HANDGRAD_STACK']) err.line(error instanceof Error ? error.stack : '')
    return error instanceof CliError ? error.exitCode : exitCodes.failure
  }
}
