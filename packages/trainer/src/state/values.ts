import { RunStateError } from './run-state.ts'

/** Whether a value of a file is an object, and no list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object of that name; `owner` says whose it is. @throws RunStateError where there is none. */
export function objectAt(from: Record<string, unknown>, name: string, owner = ''): Record<string, unknown> {
  const value = from[name]
  if (!isObject(value)) throw new RunStateError(`${owner}${name} is not an object`)
  return value
}

/** Whether a value of a file is a whole number of at least 0. */
export const whole = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0
