import { hasOwnCode, type Layer } from '@handgrad/layers'

/**
 * The innermost layer or container that computes by code of its own, which its class's name and parameters do not tell; null
 * where there is none.
 */
export function ownCodeIn(layer: Layer & { readonly layers?: readonly Layer[] }): Layer | null {
  if (!hasOwnCode(layer)) return null
  const inner = layer.layers?.find(hasOwnCode)
  return inner === undefined ? layer : ownCodeIn(inner)
}
