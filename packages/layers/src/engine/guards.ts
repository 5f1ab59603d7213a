import type { Layer } from '../layer.ts'
import { runsOwnCode } from '../own-code.ts'

type Setting = number | string | boolean | readonly (number | string | boolean)[]

const isPlain = (value: unknown): boolean => ['number', 'string', 'boolean'].includes(typeof value)

/**
 * The sizes and options of a layer by name. Not `training`: a network goes from one mode to the other and back, and layers
 * that look at it say so themselves.
 */
function settingsOf(layer: Layer): [name: string, Setting][] {
  return Object.entries(layer).flatMap(([name, value]: [string, unknown]): [string, Setting][] => {
    if (name === 'training') return []
    if (Array.isArray(value)) return value.every(isPlain) ? [[name, [...value] as Setting]] : []
    return isPlain(value) ? [[name, value as Setting]] : []
  })
}

function isAsBefore(now: unknown, before: Setting): boolean {
  if (!Array.isArray(before)) return Object.is(now, before)
  return (
    Array.isArray(now) && now.length === before.length && before.every((value, i) => Object.is(now[i], value))
  )
}

/**
 * Tells later whether a layer is still as it was when it was written down: without code of its own, and with the same
 * parameters, sizes and options, which JavaScript may change.
 * @internal
 */
export function guardOf(layer: Layer): () => boolean {
  const parameters = layer.parameters()
  const settings = settingsOf(layer)
  const now = layer as unknown as Readonly<Record<string, unknown>>
  return () =>
    !runsOwnCode(layer) &&
    layer.parameters().every((own, i) => own === parameters[i]) &&
    settings.every(([name, before]) => isAsBefore(now[name], before))
}
