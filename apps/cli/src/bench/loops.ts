import type { Sequential } from '@handgrad/layers'
import type { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import type { Tensor } from '@handgrad/tensor'

/** What a step of training is made of. */
export interface Parts {
  readonly net: Sequential
  readonly criterion: CrossEntropyLoss
  readonly sgd: SGD
  readonly x: Tensor
  readonly y: Tensor<'int32'>
}

/** README's loop, its very text. */
export function loop({ net, criterion, sgd, x, y }: Parts): Tensor {
  const loss = criterion.forward(net.forward(x), y)
  net.zeroGrad()
  criterion.bwd()
  net.backward()
  sgd.step()
  return loss
}

/** The same without the gradient of the images, which nobody needs. */
export function loopWithoutDx({ net, criterion, sgd, x, y }: Parts): Tensor {
  const loss = criterion.forward(net.forward(x), y)
  net.zeroGrad()
  criterion.bwd()
  net.backward({ inputGrad: false })
  sgd.step()
  return loss
}
