import { seed } from '@handgrad/layers'

/** One layer of the seed's network, with the shapes that pass through it. */
export interface LayerRow {
  readonly name: string
  readonly kind: string
  readonly input: readonly number[]
  readonly output: readonly number[]
  readonly parameters: readonly {
    readonly name: string
    readonly shape: readonly number[]
    readonly count: number
  }[]
}

/** What each stage of the seed's network is called, and its shape for one image. */
export function networkFrames(): { name: string; shape: readonly number[] }[] {
  const rows = networkRows(1)
  return [
    { name: 'input', shape: rows[0].input },
    ...rows.map(({ name, output }) => ({ name, shape: output })),
  ]
}

/** The seed's network for a batch of `batch` images, as the library itself describes it. */
export function networkRows(batch: number): LayerRow[] {
  let shape: readonly number[] = [batch, 1, 28, 28]
  return seed()
    .flat()
    .map((layer) => {
      const input = shape
      shape = layer.outputShape(input)
      const parameters = layer
        .namedParameters()
        .map(([name, { shape: own, data }]) => ({ name, shape: own, count: data.length }))
      const name = layer.describe()
      return { name, kind: name.split('(')[0], input, output: shape, parameters }
    })
}
