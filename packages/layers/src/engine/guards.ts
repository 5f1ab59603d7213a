import type { Layer } from '../layer.ts'
import { runsOwnCode } from '../own-code.ts'

/**
 * Tells later whether a layer is still as it was when it was written down: without code of its own, and with the same
 * parameters.
 * @internal
 */
export function guardOf(layer: Layer): () => boolean {
  const parameters = layer.parameters()
  return () => !runsOwnCode(layer) && layer.parameters().every((own, i) => own === parameters[i])
}
