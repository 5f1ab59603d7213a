import type { Value, Window } from '@handgrad/tensor'
import type { Convolution } from './convolution.ts'

/** The next multiple of `unit`. */
export const up = (value: number, unit: number): number => Math.ceil(value / unit) * unit

/** True where every tap of the bordered input is one step away: stride and dilation 1, one group. */
export function isDirect({ groups }: Convolution, { Kh, Kw, sh, sw, ph, pw, dh, dw }: Window): boolean {
  return groups === 1 && sh === 1 && sw === 1 && dh === 1 && dw === 1 && ph < Kh && pw < Kw
}

/** The cells and rows of zeros around the input that the wider side of each axis' padding needs. */
export function borderFor({ H, W, Kh, Kw, ph, pw, Ho, Wo }: Window): { border: number; above: number } {
  return { border: Math.max(pw, Wo + Kw - 1 - pw - W), above: Math.max(ph, Ho + Kh - 1 - ph - H) }
}

/** How a row of taps runs through memory: `J` runs of `R` floats, so that padded channels are stepped over. */
export function runs(C: number, cell: number, Kw: number): { J: number; R: number } {
  return cell === 4 * C ? { J: 1, R: Kw * C } : { J: Kw, R: C }
}

/** One tap of the window: rows, columns, and the channel that is read there. */
type Tap = (i: number, j: number, c: number) => number

/** [out/8][Kh][Kw][C][8] of a weight: element (o, tap) is number `element(o)(i, j, c)`. */
export function packBlocks(
  out: number,
  Kh: number,
  Kw: number,
  C: number,
  element: (o: number) => Tap,
): Int32Array {
  const map = new Int32Array(up(out, 8) * Kh * Kw * C).fill(-1)
  for (let o = 0; o < out; o++) {
    const at = element(o)
    for (let i = 0; i < Kh; i++) {
      for (let j = 0; j < Kw; j++) {
        for (let c = 0; c < C; c++) {
          map[((((o >> 3) * Kh + i) * Kw + j) * C + c) * 8 + (o & 7)] = at(i, j, c)
        }
      }
    }
  }
  return map
}

/** For each element of a weight [Co,Cg,Kh,Kw]: its place in a kernel's layout. */
export function placeOf(
  { weight }: Convolution,
  { Kh, Kw }: Window,
  place: (o: number, c: number, i: number, j: number) => number,
): Int32Array {
  const [Co, Cg] = weight.shape
  const map = new Int32Array(weight.data.length)
  for (let o = 0, at = 0; o < Co; o++) {
    for (let c = 0; c < Cg; c++) {
      for (let i = 0; i < Kh; i++) for (let j = 0; j < Kw; j++) map[at++] = place(o, c, i, j)
    }
  }
  return map
}

/** `length` numbers of a vector of `own`, then −1. */
export function padded(own: number, length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => (i < own ? i : -1))
}

/** The sizes that direct.as.ts and pooled.as.ts read, for an input and an output (or output gradient). */
export function convSizes({ Kh, Kw, Ho, Wo }: Window, Co: number, x: Value, y: Value): number[] {
  const { J, R } = runs(x.C, x.cell, Kw)
  return [Kh, J, R, Co, Ho, Wo, x.cell, x.row, x.image, y.cell, y.row, y.image]
}

/** Where the window at the first output lies: `ph` rows and `pw` cells before the image. */
export function origin({ ref, row, cell }: Value, { ph, pw }: Window): Value['ref'] {
  return { ...ref, offset: ref.offset - ph * row - pw * cell }
}

/** For each of `length` places, the element that lies there, or −1. */
export function inverse(map: Int32Array, length: number): Int32Array {
  const elements = new Int32Array(length).fill(-1)
  map.forEach((place, element) => {
    elements[place] = element
  })
  return elements
}

/**
 * Where each of the T vectors of a window lies, V to a row; the last is repeated. Behind them, for each, 1 where the six from
 * it on are neighbours: their ends alone do not say it, for rows may overlap.
 */
export function vectorTable({ row }: Value, Kh: number, V: number, T: number): number[] {
  const offsets = Array.from({ length: T }, (_, t) => {
    const last = Math.min(t, Kh * V - 1)
    return Math.floor(last / V) * row + (last % V) * 16
  })
  const neighbours = offsets.map((first, t) => {
    const six = offsets.slice(t, t + 6)
    return six.length === 6 && six.every((offset, i) => offset === first + 16 * i) ? 1 : 0
  })
  return [...offsets, ...neighbours]
}
