import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { Generator, manualSeed, randn, type Tensor, tensor, useThreads } from '@handgrad/tensor'

const generator = new Generator(1)
const x = randn([64, 1, 8, 8], { generator })
const y = tensor(Int32Array.from({ length: 64 }, (_, i) => i % 3))

/** Some steps on so many threads, the first layer frozen: the losses, and how far each parameter has moved at most. */
function run(threads: number): { losses: number[]; moved: number[] } {
  console.log(`asked for ${threads}, in force ${useThreads(threads)}`)
  manualSeed(0)
  const first = new Conv2d(1, 4, 3, { padding: 1 })
  const net = new Sequential(first, new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(64, 3))
  for (const parameter of first.parameters()) parameter.requiresGrad = false
  const before = net.parameters().map(({ data }) => [...data])
  const criterion = new CrossEntropyLoss()
  const sgd = new SGD(net.parameters(), { lr: 0.1 })
  const losses: number[] = []
  for (let step = 0; step < 20; step++) {
    losses.push(criterion.forward(net.forward(x), y).item())
    net.zeroGrad()
    criterion.bwd()
    net.backward({ inputGrad: false })
    sgd.step()
  }
  net.close()
  const farthest = ({ data }: Tensor, i: number): number =>
    Math.max(...before[i].map((value, j) => Math.abs(value - data[j])))
  return { losses, moved: net.parameters().map(farthest) }
}

const [alone, together] = [1, 2].map(run)
const same = alone.losses.every((loss, i) => loss === together.losses[i])
console.log(`the same losses on one thread and on two, to the last bit: ${same}`)
console.log(`moved: ${together.moved.map((far) => far.toFixed(4)).join(', ')}`)
useThreads(1)
if (!same || together.moved[0] !== 0 || together.moved[2] === 0) process.exit(1)
