import { type WasmMemory, wasm } from './wasm.ts'

/** The most that the shared memory grows to, in pages of 64 KiB: what the kernels were compiled for, or a share of it. */
const MAXIMA = [32768, 16384, 8192, 4096]
const PAGE = 65536
/** No block starts at 0, so that 0 can say "none"; all start on a cache line. */
const LINE = 64

let memory: WasmMemory | null = null
/** Free stretches, in order of address. */
const free: { at: number; bytes: number }[] = []
let end = LINE
let taken = 0

/**
 * The one memory of all kernels of all packages, shared with worker threads. Made when it is first needed.
 * @throws Error where there is none to be had.
 */
export function sharedMemory(): WasmMemory {
  memory ??= newMemory()
  return memory
}

/** A small machine may refuse to set the addresses of 2 GiB aside, and have enough for less. */
function newMemory(): WasmMemory {
  const { Memory } = wasm()
  let cause: unknown
  for (const maximum of MAXIMA) {
    try {
      return new Memory({ initial: 1, maximum, shared: true })
    } catch (error) {
      cause = error
    }
  }
  throw new Error(`there is no shared memory here: ${(cause as Error).message}`, { cause })
}

/** How many blocks were ever taken: a step that plans nothing leaves it as it was. */
export function blocksTaken(): number {
  return taken
}

/**
 * A block of at least `bytes` of the shared memory, filled with 0.
 * @throws RangeError when 2 GiB are not enough.
 */
export function takeBlock(bytes: number): number {
  const size = Math.ceil(Math.max(bytes, 1) / LINE) * LINE
  const at = reuse(size) ?? extend(size)
  // Eight bytes at a time: shared memory is filled by one atomic store an element.
  new Float64Array(sharedMemory().buffer, at, size / 8).fill(0)
  taken++
  return at
}

function reuse(size: number): number | null {
  const index = free.findIndex(({ bytes }) => bytes >= size)
  const found = free[index]
  if (found === undefined) return null
  const { at } = found
  if (found.bytes === size) free.splice(index, 1)
  else free[index] = { at: at + size, bytes: found.bytes - size }
  return at
}

function extend(size: number): number {
  const { buffer } = sharedMemory()
  const missing = Math.ceil((end + size - buffer.byteLength) / PAGE)
  if (missing > 0) {
    try {
      sharedMemory().grow(missing)
    } catch (cause) {
      throw new RangeError(
        `the kernels' memory cannot grow by ${missing * PAGE} bytes; use smaller batches`,
        { cause },
      )
    }
  }
  end += size
  return end - size
}

/** Gives a block back; `bytes` as it was taken. */
export function freeBlock(at: number, bytes: number): void {
  const size = Math.ceil(Math.max(bytes, 1) / LINE) * LINE
  free.push({ at, bytes: size })
  free.sort((a, b) => a.at - b.at)
  for (let i = free.length - 1; i > 0; i--) {
    const [left, right] = [free[i - 1], free[i]]
    if (left.at + left.bytes !== right.at) continue
    left.bytes += right.bytes
    free.splice(i, 1)
  }
}
