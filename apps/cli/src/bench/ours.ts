import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import {
  type BackendName,
  claimPool,
  currentThreads,
  manualSeed,
  tensor,
  useBackend,
  useThreads,
} from '@handgrad/tensor'
import { plannedStepper, startTurbo } from '@handgrad/trainer'
import { inTurn, mnistBatches } from './images.ts'
import { loop, loopWithoutDx } from './loops.ts'
import { networkOf } from './networks.ts'
import { type Setting, type Step, serve } from './serve.ts'

/**
 * Ours, as a program that `bench` asks like every peer: node ours.ts <folder of MNIST> <backend> [turbo] [loop [without-dx]].
 * The trainer's step, or README's loop.
 */
const [folder, backend, ...words] = process.argv.slice(2)
useBackend(backend as BackendName)
const loops = words.includes('without-dx') ? loopWithoutDx : loop
type Kernels = Exclude<BackendName, 'reference'>
const open = new Map<number, () => void>()

await serve(({ network, batch, mode }: Setting, threads: number): Step => {
  open.get(threads)?.()
  const noTurbo = words.includes('turbo') ? startTurbo(() => networkOf(network)) : null
  if (noTurbo !== null) throw new Error(`no turbo: ${noTurbo}`)
  manualSeed(0)
  const net = networkOf(network)
  const criterion = new CrossEntropyLoss()
  const sgd = new SGD(net.parameters(), { lr: 0.01 })
  const next = inTurn(
    mnistBatches(folder, batch).map(({ x, y }) => ({ x: tensor(x, [batch, 1, 28, 28]), y: tensor(y) })),
  )
  if (words.includes('loop')) {
    // Numbers of threads take turns here, and one thread alone would end the workers.
    const release = claimPool(backend as Kernels, threads, (text) => console.error(text))
    open.set(threads, () => {
      release()
      net.close()
    })
    return () => {
      if (currentThreads() !== threads) useThreads(threads)
      loops({ net, criterion, sgd, ...next() })
    }
  }
  const stepper = plannedStepper(net, criterion, threads)
  open.set(threads, () => stepper.close())
  if (mode === 'infer')
    return () => {
      const { x, y } = next()
      stepper.evaluate(x, y)
    }
  return () => {
    const { x, y } = next()
    stepper.train(x, y)
    sgd.step()
  }
})
