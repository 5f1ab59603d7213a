import { fileURLToPath } from 'node:url'
import { backends } from '@handgrad/tensor'
import { ourContenders } from './contenders.ts'
import { Program } from './program.ts'
import type { Growth, KernelFigures, KernelRun } from './report.ts'
import type { Setting } from './serve.ts'
import { rangeOf } from './stats.ts'
import { runToEnd } from './train-process.ts'

const script = fileURLToPath(new URL('./kernel-times.ts', import.meta.url))
const PATIENCE_MS = 30_000

export interface KernelOptions {
  readonly settings: readonly Setting[]
  readonly threads: readonly number[]
  readonly pairs: number
  readonly milliseconds: number
}

/** Each network's kernels in a training step of 64, shown one by one, and how a step's time grows. */
export async function measureKernels(
  mnist: string,
  options: KernelOptions,
  show: (run: KernelRun) => void,
): Promise<KernelFigures> {
  const networks = [...new Set(options.settings.map(({ network }) => network))]
  const backend = backends().at(-1)!
  const runs: KernelRun[] = []
  for (const network of backend === 'reference' ? [] : networks) {
    for (const turbo of [false, true]) {
      const args = [script, mnist, backend, network, '64', ...(turbo ? ['turbo'] : [])]
      const { out } = await runToEnd(process.execPath, args)
      const run = { turbo, ...(JSON.parse(out) as Omit<KernelRun, 'turbo'>) }
      show(run)
      runs.push(run)
    }
  }
  return { runs, growth: await measureGrowth(mnist, networks, options) }
}

async function measureGrowth(
  mnist: string,
  networks: readonly string[],
  { threads, pairs, milliseconds }: KernelOptions,
): Promise<Growth[]> {
  const own = ourContenders(mnist).findLast(({ configuration }) => configuration === '')!
  const program = new Program(own.launch)
  const time = async (network: string, batch: number, count: number): Promise<number> => {
    await program.ask({ prepare: { network, batch, mode: 'train', threads: [count] } }, PATIENCE_MS)
    const times: number[] = []
    for (let i = 0; i < pairs; i++) {
      const { images, seconds } = await program.ask({ run: { threads: count, milliseconds } }, PATIENCE_MS)
      times.push((seconds! * 1e6) / images!)
    }
    return rangeOf(times).median
  }
  const grow = async (
    quantity: Growth['quantity'],
    network: string,
    values: readonly number[],
    at: (value: number) => [name: string, batch: number, count: number],
  ): Promise<Growth> => {
    const points: Growth['points'][number][] = []
    for (const value of values) points.push({ value, microsecondsPerImage: await time(...at(value)) })
    return { quantity, network, points }
  }
  try {
    const growth: Growth[] = []
    for (const network of networks) {
      growth.push(await grow('batch', network, [1, 8, 32, 64, 128, 256], (batch) => [network, batch, 1]))
      growth.push(await grow('threads', network, threads, (count) => [network, 64, count]))
    }
    // 1 → c → 2c channels: what lies between the seed's network (8) and the wide one (32).
    growth.push(await grow('channels', 'seed', [4, 8, 16, 32, 64], (c) => [`seed:${c}`, 64, 1]))
    return growth
  } finally {
    program.stop()
  }
}
