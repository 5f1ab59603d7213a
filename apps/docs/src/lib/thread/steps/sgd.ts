import { flatIndex } from '../../../explorers/explorer.ts'
import { address } from '../../../widgets/format.ts'
import { lr, type Pass } from '../pass.ts'
import { gradient, largestCell, type Numbers, numbers, rounded, type ThreadStep } from '../step.ts'

/** One step against the gradients, of both weights. */
export function sgdStep({ layers, before, loss, lossAfter }: Pass): ThreadStep {
  const parts = [0, 4].flatMap((at): Numbers[] => {
    const [w] = before.get(at)!
    const [now] = layers[at].parameters()
    const of = at === 0 ? 'of the convolution' : 'of the linear layer'
    return [
      numbers('w', of, w),
      numbers('dw', 'its gradient', gradient(w)),
      numbers('w′', 'after the step', now),
    ]
  })
  const [w] = before.get(0)!
  const [now] = layers[0].parameters()
  const at = largestCell(gradient(w)).slice(-2)
  const flat = flatIndex(w.shape.slice(-2), at)
  const [was, g, is] = [w.data[flat], gradient(w).data[flat], now.data[flat]].map(rounded)
  return {
    id: 'sgd',
    title: 'SGD',
    page: 'optimizers',
    forward: parts,
    backward: [],
    byHand: [
      `${address('w′', at)} = w − lr · dw = ${was} − ${lr} · ${g.startsWith('−') ? `(${g})` : g} = ${is}, in the convolution.`,
      `With all parameters moved so, the same patch has the loss ${rounded(lossAfter)}, where it had ${rounded(loss)}.`,
    ],
    address: null,
  }
}
