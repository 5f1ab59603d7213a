import type { Sequential } from '@handgrad/layers'
import { html, type Markup } from '../../report/markup.ts'
import { diverging, picture } from './pixels.ts'

/** More would not be looked at one by one. */
const MOST = 64

/**
 * The weights of the first layer that has some: one picture for each of its outputs and channels. Those of a linear layer on
 * images of `shape` [C,H,W] lie as the image does; null where they cannot be laid out.
 */
export function filtersPart(net: Sequential, shape: readonly number[]): Markup | null {
  const layer = net.flat().find((one) => one.parameters().length > 0)
  const [weight] = layer?.parameters() ?? []
  if (layer === undefined || weight === undefined) return null
  const [outputs, ...rest] = weight.shape
  const laid = rest.length === 1 && rest[0] === shape.reduce((a, b) => a * b, 1) ? shape : rest
  if (laid.length < 2) return null
  const [height, width] = laid.slice(-2) as [number, number]
  const all = weight.data.length / (height * width)
  const size = height * width
  let most = 0
  for (const value of weight.data) most = Math.max(most, Math.abs(value))
  const pictures = Array.from({ length: Math.min(all, MOST) }, (_, i) =>
    picture(diverging(weight.data.subarray(i * size, (i + 1) * size), most, [height, width]), 56, ''),
  )
  const more = all > MOST ? html` The first ${MOST} of ${all}.` : ''
  return html`<p>${layer.describe()}: ${outputs} outputs. Orange is above 0, blue below; the strongest is ${most.toPrecision(3)}.${more}</p>${pictures}`
}
