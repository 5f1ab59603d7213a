import { existsSync } from 'node:fs'
import { hasOwnCode, type Layer } from '@handgrad/layers'
import type { Explainer } from './explainer.ts'
import { explainer as other } from './other.ts'

const folder = new URL('./layers/', import.meta.url)
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** `MaxPool2d` → `max-pool2d`, `ReLU` → `relu`. */
const fileOf = (name: string): URL =>
  new URL(`${name.replace(/(?<=[a-z0-9])(?=[A-Z][a-z])/g, '-').toLowerCase()}.${extension}`, folder)

/**
 * What explains a layer: the file in `layers/` of its class, or of the class that it is made from. A layer with code of its own,
 * and one without a file, are told by what went in and what came out.
 */
export async function findExplainer(layer: Layer): Promise<Explainer> {
  if (hasOwnCode(layer)) return other
  for (
    let type = layer.constructor;
    type.name !== 'Layer' && type.name !== '';
    type = Object.getPrototypeOf(type) as typeof type
  ) {
    const file = fileOf(type.name)
    if (!existsSync(file)) continue
    const { explainer } = (await import(file.href)) as { explainer: Explainer }
    if (layer instanceof explainer.of) return explainer
  }
  return other
}
