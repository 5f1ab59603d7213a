import { FormulaLayer } from '@handgrad/layers'
import type { Tensor } from '@handgrad/tensor'

function doubled(x: Tensor): Tensor {
  const y = x.clone()
  for (let i = 0; i < y.data.length; i++) y.data[i] *= 2
  return y
}

/** A layer as a user may write one, without kernels: y = 2x and dx = 2dy, both exact. */
export class Double extends FormulaLayer<null, null> {
  protected plan(): null {
    return null
  }

  protected compute(x: Tensor): { y: Tensor; saved: null } {
    return { y: doubled(x), saved: null }
  }

  protected gradients(dy: Tensor, _saved: null, _plan: null, inputGrad: boolean): Tensor | null {
    return inputGrad ? doubled(dy) : null
  }

  outputShape(shape: readonly number[]): number[] {
    return [...shape]
  }

  describe(): string {
    return 'Double()'
  }
}
