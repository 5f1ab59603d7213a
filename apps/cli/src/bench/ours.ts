import { CrossEntropyLoss, SGD } from '@handgrad/loss-optim'
import { type BackendName, manualSeed, tensor, useBackend } from '@handgrad/tensor'
import { type PlannedStepper, plannedStepper, startTurbo } from '@handgrad/trainer'
import { inTurn, mnistBatches } from './images.ts'
import { networkOf } from './networks.ts'
import { type Setting, type Step, serve } from './serve.ts'

/** Ours, as a program that `bench` asks like every peer: node ours.ts <folder of MNIST> <backend> [turbo]. */
const [folder, backend, turbo] = process.argv.slice(2)
useBackend(backend as BackendName)
const open = new Map<number, PlannedStepper>()

await serve(({ network, batch, mode }: Setting, threads: number): Step => {
  open.get(threads)?.close()
  const noTurbo = turbo === undefined ? null : startTurbo(() => networkOf(network))
  if (noTurbo !== null) throw new Error(`no turbo: ${noTurbo}`)
  manualSeed(0)
  const net = networkOf(network)
  const stepper = plannedStepper(net, new CrossEntropyLoss(), threads)
  open.set(threads, stepper)
  const sgd = new SGD(net.parameters(), { lr: 0.01 })
  const next = inTurn(
    mnistBatches(folder, batch).map(({ x, y }) => ({ x: tensor(x, [batch, 1, 28, 28]), y: tensor(y) })),
  )
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
