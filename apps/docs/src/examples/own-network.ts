import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '@handgrad/layers'
import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { manualSeed, randn, tensor } from '@handgrad/tensor'

manualSeed(0)
const net = new Sequential(
  new Conv2d(1, 4, 3, { padding: 1 }),
  new ReLU(),
  new MaxPool2d(2),
  new Flatten(),
  new Linear(4 * 4 * 4, 3),
)
const criterion = new CrossEntropyLoss()
const sgd = new SGD(net.parameters(), { lr: 0.1, momentum: 0.9 })

// Six random images of 8 × 8 and their classes: the network can only learn them by heart.
const x = randn([6, 1, 8, 8])
const y = tensor(Int32Array.of(0, 1, 2, 0, 1, 2))

for (let step = 0; step <= 20; step++) {
  const loss = criterion.forward(net.forward(x), y)
  net.zeroGrad()
  criterion.bwd()
  net.backward({ inputGrad: false })
  sgd.step()
  if (step % 5 === 0) console.log(`step ${step}: loss ${loss.item().toFixed(4)}`)
}
