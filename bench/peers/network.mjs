import { readFileSync } from 'node:fs'

export { inTurn, mnistBatches } from '../../apps/cli/src/bench/images.ts'
export { serve } from '../../apps/cli/src/bench/serve.ts'

const networks = JSON.parse(readFileSync(new URL('../networks.json', import.meta.url), 'utf8'))

/** The layers of a network: [kind, inputs, outputs, kernel size, padding]. */
export function layersOf(network) {
  if (!Object.hasOwn(networks, network)) throw new Error(`networks.json has no ${network}`)
  return networks[network]
}

/** The folder of MNIST, which `bench` gives to every program, and what else it says. */
export const [folder, variant] = process.argv.slice(2)
