import { DataLoader, mnist, normalizationTable } from '@handgrad/data'
import type { Sequential } from '@handgrad/layers'
import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { readSafetensors, type Tensor, tensor } from '@handgrad/tensor'
import { localStepper } from '@handgrad/trainer'
import { loadImages, onSite } from './images.ts'
import { modelOf } from './look.ts'

/** A network with the name of its model. */
export interface Named {
  readonly net: Sequential
  readonly model: string
}

const BATCH = 500

let loaded: Promise<Named> | null = null

async function load(): Promise<Named> {
  const address = `${import.meta.env.BASE_URL.replace(/\/$/, '')}/weights/seed.safetensors`
  const response = await fetch(address)
  if (!response.ok) throw new Error(`${address}: HTTP ${response.status}`)
  const { tensors, metadata } = readSafetensors(new Uint8Array(await response.arrayBuffer()))
  const model = metadata!['model']
  const net = modelOf(model)
  net.loadStateDict(tensors)
  net.eval()
  return { net, model }
}

/**
 * The network whose weights ship with the site, fetched once.
 * @throws Error when the file does not come; the next call tries again.
 */
export function shipped(): Promise<Named> {
  loaded ??= load().catch((error: unknown) => {
    loaded = null
    throw error
  })
  return loaded
}

/** Grey values as the network saw them when it was trained. */
export function normalised(grey: Uint8Array): Tensor {
  const table = normalizationTable(mnist.mean, mnist.std)
  return tensor(
    Float32Array.from(grey, (value) => table[value]),
    [1, 1, 28, 28],
  )
}

/** Reads every test image of MNIST with the shipped weights, and counts the right answers. */
export async function measure(): Promise<{ right: number; images: number }> {
  const [{ net }, { test }] = await Promise.all([shipped(), loadImages(onSite('full'))])
  const stepper = localStepper(net, new CrossEntropyLoss())
  let right = 0
  for (const [x, y] of new DataLoader(test, { batchSize: BATCH })) {
    const { predicted } = stepper.evaluate(x, y)
    right += y.data.filter((label, i) => label === predicted[i]).length
  }
  return { right, images: test.length }
}
