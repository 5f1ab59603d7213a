import { readFileSync } from 'node:fs'
import { main as compile } from 'assemblyscript/asc'

const source = readFileSync(new URL('./peak.as.ts', import.meta.url), 'utf8')
const OPERATIONS = 64
const TURNS = 2_000_000
const REPEATS = 10

/** Multiply-adds on one core, in 10⁹ operations a second, two for each: the best of ten runs. */
export async function peakGFLOPS(): Promise<number> {
  let bytes: Uint8Array | null = null
  const options = [
    'peak.ts',
    '--enable=simd,relaxed-simd',
    '--runtime=stub',
    '-O3',
    '--noAssert',
    '--outFile=peak.wasm',
  ]
  const { error } = await compile([...options, '--memoryBase=8192'], {
    readFile: (name) => (name === 'peak.ts' ? source : null),
    writeFile: (_, contents) => {
      bytes = contents as Uint8Array
    },
  })
  if (error !== null || bytes === null) throw error ?? new Error('the peak kernel does not compile')
  const { instance } = await WebAssembly.instantiate(bytes, {})
  const { peak } = instance.exports as { peak: (p: number, turns: number) => number }
  const seconds = bestOf(() => peak(16, TURNS))
  return (OPERATIONS * TURNS) / seconds / 1e9
}

/** 64 MB copied, read and written counted, in 10⁹ bytes a second: the best of ten runs. */
export function copyGBs(): number {
  const from = new Uint8Array(64e6).fill(1)
  const to = new Uint8Array(64e6)
  return (2 * from.length) / bestOf(() => to.set(from)) / 1e9
}

function bestOf(work: () => void): number {
  let best = Infinity
  for (let i = 0; i < REPEATS; i++) {
    const from = performance.now()
    work()
    best = Math.min(best, performance.now() - from)
  }
  return best / 1000
}
