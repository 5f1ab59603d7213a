import type { Sequential } from '@handgrad/layers'
import type { CrossEntropyLoss } from '@handgrad/loss-optim'
import type { Tensor } from '@handgrad/tensor'
import { predictions } from './predictions.ts'

/** What one batch came to. */
export interface BatchResult {
  /** Mean loss of the batch. */
  loss: number
  /** The class with the largest logit, per image. */
  predicted: Int32Array
}

/**
 * Computes batches; the loop above does not know where and on how many threads.
 *
 * `meanwhile` is called once, after the batch's random numbers are drawn: while other threads compute, if there are any.
 */
export interface Stepper {
  /** Loss and predictions of x [N,…] with classes y [N], and every parameter's gradient in its `.g`. */
  train(x: Tensor, y: Tensor<'int32'>, meanwhile?: () => void): BatchResult
  /** Loss and predictions alone, in evaluation mode. */
  evaluate(x: Tensor, y: Tensor<'int32'>, meanwhile?: () => void): BatchResult
}

/** README's loop without its last line, on the threads in force. */
export function localStepper(net: Sequential, criterion: CrossEntropyLoss): Stepper {
  const forward = (x: Tensor, y: Tensor<'int32'>): BatchResult => {
    const logits = net.forward(x)
    return { loss: criterion.forward(logits, y).item(), predicted: predictions(logits) }
  }
  return {
    train(x, y, meanwhile) {
      net.train()
      const result = forward(x, y)
      net.zeroGrad()
      criterion.bwd()
      net.backward({ inputGrad: false })
      meanwhile?.()
      return result
    },
    evaluate(x, y, meanwhile) {
      net.eval()
      const result = forward(x, y)
      meanwhile?.()
      return result
    },
  }
}
