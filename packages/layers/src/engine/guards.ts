import type { Layer } from '../layer.ts'
import { runsOwnCode } from '../own-code.ts'

/**
 * Tells later whether a layer is still as it was when it was written down: without code of its own, and with the same
 * parameters, mode, sizes and options, which JavaScript may change.
 * @internal
 */
export function guardOf(layer: Layer): () => boolean {
  const parameters = layer.parameters()
  const now = layer as unknown as Readonly<Record<string, unknown>>
  const members = Object.entries(now).flatMap(([name, value]) =>
    [value].flat().map((one, i) => [name, i, one] as const),
  )
  return () =>
    !runsOwnCode(layer) &&
    layer.parameters().every((own, i) => own === parameters[i]) &&
    members.every(([name, i, one]) => {
      const value = now[name]
      return Object.is(Array.isArray(value) ? value[i] : value, one)
    })
}
