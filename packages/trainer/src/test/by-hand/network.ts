/** Weight [K][F] and bias [K] of one linear layer: the whole network. */
export interface Linear {
  readonly weight: number[][]
  readonly bias: number[]
}

/** An image as one row of pixels, its class, and the time that reading it takes. */
export interface Image {
  readonly pixels: readonly number[]
  readonly label: number
  readonly seconds: number
}

/** What a batch comes to. */
export interface Batch {
  /** The sum over the images, not their mean. */
  loss: number
  predicted: number[]
  /** Of the mean loss. */
  gradient: Linear
}

/** softmax(W x + b). */
function probabilities({ weight, bias }: Linear, { pixels }: Image): number[] {
  const powers = weight.map((row, k) => Math.exp(bias[k] + pixels.reduce((sum, x, f) => sum + row[f] * x, 0)))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}

/** Cross-entropy of the batch, and d(mean)/dW = (p − one-hot) xᵀ / N. */
export function computeBatch(net: Linear, images: readonly Image[]): Batch {
  const gradient = { weight: net.weight.map((row) => row.map(() => 0)), bias: net.bias.map(() => 0) }
  let loss = 0
  const predicted = images.map((image) => {
    const p = probabilities(net, image)
    loss -= Math.log(p[image.label])
    for (const [k, value] of p.entries()) {
      const dz = (value - (k === image.label ? 1 : 0)) / images.length
      gradient.bias[k] += dz
      for (const [f, x] of image.pixels.entries()) gradient.weight[k][f] += dz * x
    }
    return p.indexOf(Math.max(...p))
  })
  return { loss, predicted, gradient }
}
