import { loadMnist } from '@handgrad/data'
import { currentBackend, manualSeed } from '@handgrad/tensor'
import { learn } from './learn.ts'
import { network } from './network.ts'

const say = (id: string, text: string): void => {
  document.getElementById(id)!.textContent = text
}

manualSeed(0)
say('where', `on ${currentBackend()}`)
const mnist = await loadMnist(`${import.meta.env.BASE_URL}mnist`)
const steps = Number(new URLSearchParams(location.search).get('steps') ?? 900)
const share = await learn(network(), mnist, {
  steps,
  // A page has threads where its host isolates it: vite.config.ts sends the headers, and so must yours.
  threads: crossOriginIsolated ? 2 : 1,
  progress: async ({ step, loss }) => {
    say('progress', `step ${step} of ${steps}: loss ${loss.toFixed(4)}`)
    // The page shows what was said, and its buttons work.
    await new Promise((resolve) => setTimeout(resolve))
  },
})
say('result', `${(100 * share).toFixed(2)} % of the test images are named right`)
