import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** What `pnpm bench` asks for: node peer.mjs <network> <batch> <train|infer> <threads> [variant]. */
const [name, batch, mode, threads, variant] = process.argv.slice(2)

export const asked = { name, batch: Number(batch), mode, threads: Number(threads), variant }
const networks = JSON.parse(readFileSync(new URL('../networks.json', import.meta.url), 'utf8'))
export const layers = networks[name]

/** Noise for images and all classes in turn: the time of these peers does not depend on the values. */
export const images = Float32Array.from({ length: asked.batch * 784 }, () => Math.random() * 2 - 0.5)
export const labels = Int32Array.from({ length: asked.batch }, (_, i) => i % 10)

/** Warms `step` up, then for every line on stdin runs it for the time named there and says what was done. */
export async function serve(step) {
  for (let i = 0; i < 3; i++) await step()
  console.log(JSON.stringify({ ready: true }))
  for await (const line of createInterface({ input: process.stdin })) {
    const until = performance.now() + Number(line)
    const from = performance.now()
    let steps = 0
    do {
      await step()
      steps++
    } while (performance.now() < until)
    const seconds = (performance.now() - from) / 1000
    console.log(JSON.stringify({ images: steps * asked.batch, seconds }))
  }
  process.exit(0)
}
