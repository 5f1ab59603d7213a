import type { DType } from './dtype.ts'
import { formatShape } from './shape.ts'
import type { Tensor } from './tensor.ts'

/** More elements than this are cut down to the first and last {@link EDGE} along each axis. */
const ALL = 1000
const EDGE = 3

/** A tensor for a reader: `Tensor float32 [2,2]` and its rows, numbers to five digits. */
export function formatTensor({ shape, dtype, data, g }: Tensor<DType>): string {
  const head = `Tensor ${dtype} ${formatShape(shape)}${g === null ? '' : ' with .g'}`
  const cut = data.length > ALL
  const shown = elements(shape, data, cut)
  const width = Math.max(0, ...(shape.length > 1 ? shown : []).map((text) => text.length))
  let next = 0
  const nest = (axis: number): string => {
    if (axis === shape.length) return shown[next++].padStart(width)
    const parts = places(shape[axis], cut).map((at) => (at === null ? '…' : nest(axis + 1)))
    const line =
      axis < shape.length - 1 ? `,${'\n'.repeat(shape.length - 1 - axis)}${' '.repeat(axis + 1)}` : ', '
    return `[${parts.join(line)}]`
  }
  return `${head}${shape.length > 1 ? '\n' : ' '}${nest(0)}`
}

/** The indices along an axis that are shown, null where some are left out. */
function places(extent: number, cut: boolean): (number | null)[] {
  const all = Array.from({ length: extent }, (_, i) => i)
  return cut && extent > 2 * EDGE ? [...all.slice(0, EDGE), null, ...all.slice(-EDGE)] : all
}

/** The shown elements in order. */
function elements(shape: readonly number[], data: ArrayLike<number | bigint>, cut: boolean): string[] {
  let at = [0]
  for (const extent of shape) {
    const kept = places(extent, cut).filter((i) => i !== null)
    at = at.flatMap((from) => kept.map((i) => from * extent + i))
  }
  return at.map((i) => formatNumber(data[i]))
}

function formatNumber(value: number | bigint): string {
  if (typeof value === 'bigint' || !Number.isFinite(value)) return String(value)
  return Object.is(value, -0) ? '-0' : String(Number(value.toPrecision(5)))
}
