import { gradcheck } from '@handgrad/gradcheck'
import { Conv2d, kernelPlan, Linear, ReLU, Sequential } from '@handgrad/layers'
import { Generator, manualSeed, randn, useBackend } from '@handgrad/tensor'
import { Skip } from './skip.ts'

manualSeed(0)
const generator = new Generator(1)
const body = new Conv2d(2, 2, 3, { padding: 1, dtype: 'float64' })
const { passed, coordinates } = gradcheck(
  new Skip(body),
  randn([3, 2, 4, 5], { generator, dtype: 'float64' }),
)
console.log(`through and back: ${passed ? 'passed' : 'failed'}, ${coordinates} coordinates`)

const net = new Sequential(new Skip(new Sequential(new Linear(8, 8), new ReLU())), new Linear(8, 3))
const x = randn([20, 8], { generator })
const dy = randn([20, 3], { generator })

/** The gradients of a pass. */
function gradients(): number[] {
  net.zeroGrad()
  const y = net.forward(x)
  y.g = dy
  net.backward()
  return [x, ...net.parameters()].flatMap(({ g }) => [...g!.data])
}

const kernels = gradients()
console.log(kernelPlan(net, x.shape))
net.close()
useBackend('reference')
const largest = Math.max(...gradients().map((value, i) => Math.abs(value - kernels[i])))
console.log(`kernels and own code: ${kernels.length} gradients, at most ${largest.toExponential(0)} apart`)
if (!passed || largest > 1e-5) process.exit(1)
