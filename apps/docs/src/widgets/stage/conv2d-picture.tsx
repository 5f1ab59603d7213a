import type { JSX } from 'preact'
import { type Mode, type Product, type Scene, type Sum, turn } from '../../stages/conv2d.ts'
import { type CellLook, Cells } from './Cells.tsx'
import { clampPlace, type View } from './conv2d-view.ts'
import { type Box, middle, placeGrids } from './layout.ts'

/** Pictures of this many units are scaled to the page. */
export const WIDTH = { wide: 640, narrow: 350 } as const

interface Grid {
  readonly name: string
  readonly caption: string
  readonly rows: number
  readonly columns: number
  readonly look: (row: number, column: number) => CellLook
  /** The place of the mode that a cell of this grid stands for; null for none. */
  readonly place: (row: number, column: number) => readonly [number, number] | null
}

/** What is drawn: grids from left to right, and which of the sum's products is under the pointer. */
export interface Drawing {
  readonly scene: Scene
  readonly view: View
  readonly sum: Sum
  readonly lit: number | null
}

const key = (row: number, column: number): string => `${row},${column}`
const largest = (data: ArrayLike<number>): number => Math.max(...Array.from(data, Math.abs)) || 1

/** The colour of a product: of its tap, or of its output where the tap is the same for all. */
export function pairOf(
  { tap: [i, j], output: [h, v] }: Product,
  { window: { Kw, Wo } }: Scene,
  mode: Mode,
): number {
  return mode === 'weight' ? h * Wo + v : i * Kw + j
}

function byCell(
  products: readonly Product[],
  of: (product: Product) => readonly [number, number],
): Map<string, number> {
  return new Map(products.map((product, index) => [key(...of(product)), index]))
}

/** The image in its frame of zeros. */
function imageGrid(
  { scene, view: { mode, place }, sum: { products }, lit }: Drawing,
  data: ArrayLike<number>,
  name: string,
): Grid {
  const { H, W, ph, pw, sh, sw, Kh, Kw, dh, dw } = scene.window
  const frame = mode === 'turned' ? [0, 0] : [ph, pw]
  const [pr, pc] = frame as [number, number]
  const scale = largest(data)
  const used = byCell(mode === 'fan' || mode === 'turned' ? [] : products, ({ cell }) => cell)
  return {
    name,
    caption: mode === 'turned' ? 'by bwd()' : 'image',
    rows: H + 2 * pr,
    columns: W + 2 * pc,
    look(row, column) {
      const [a, e] = [row - pr, column - pc]
      const outside = a < 0 || a >= H || e < 0 || e >= W
      const value = outside ? 0 : data[a * W + e]
      const index = used.get(key(a, e))
      const product = index === undefined ? undefined : products[index]
      const chosen = (mode === 'fan' || mode === 'turned') && a === place[0] && e === place[1]
      return {
        value,
        share: value / scale,
        ...(outside ? { kind: 'frame' as const } : {}),
        ...(product === undefined ? {} : { pair: pairOf(product, scene, mode) }),
        ...(product !== undefined && mode === 'forward' ? { tag: product.tap.join() } : {}),
        chosen,
        lit: index !== undefined && index === lit,
      }
    },
    place(row, column) {
      const [a, e] = [row - pr, column - pc]
      if (mode === 'fan' || mode === 'turned') return a < 0 || e < 0 || a >= H || e >= W ? null : [a, e]
      if (mode === 'weight') return null
      const [up, left] = [Math.floor(((Kh - 1) * dh) / 2), Math.floor(((Kw - 1) * dw) / 2)]
      return [Math.round((row - up) / sh), Math.round((column - left) / sw)]
    },
  }
}

function kernelGrid({ scene, view: { mode, place, turned }, sum: { products }, lit }: Drawing): Grid {
  const { Kh, Kw, dh, dw } = scene.window
  const scale = largest(scene.w.data)
  const used = byCell(mode === 'weight' ? [] : products, ({ tap }) => tap)
  const spread = mode === 'weight' ? [1, 1] : [dh, dw]
  const [sr, sc] = spread as [number, number]
  return {
    name: 'w',
    caption: mode === 'turned' && turned ? 'turned' : 'kernel',
    rows: (Kh - 1) * sr + 1,
    columns: (Kw - 1) * sc + 1,
    look(row, column) {
      if (row % sr !== 0 || column % sc !== 0) return { value: null, kind: 'hole' }
      const [i, j] = [row / sr, column / sc]
      const index = used.get(key(i, j))
      const value = scene.w.data[i * Kw + j]
      const known = index === undefined ? {} : { pair: i * Kw + j }
      const chosen = mode === 'weight' && i === place[0] && j === place[1]
      return {
        value,
        share: value / scale,
        tag: key(i, j),
        ...known,
        chosen,
        lit: index !== undefined && index === lit,
      }
    },
    place: (row, column) => (mode === 'weight' ? [row, column] : null),
  }
}

function outputGrid({ scene, view: { mode, place }, sum: { products }, lit }: Drawing): Grid {
  const { Ho, Wo } = scene.window
  const isForward = mode === 'forward'
  const { data } = isForward ? scene.y : scene.dy
  const scale = largest(data)
  const used = byCell(isForward ? [] : products, ({ output }) => output)
  const now = place[0] * Wo + place[1]
  return {
    name: isForward ? 'y' : 'dy',
    caption: isForward ? 'output' : 'told from above',
    rows: Ho,
    columns: Wo,
    look(row, column) {
      const index = used.get(key(row, column))
      const product = index === undefined ? undefined : products[index]
      const at = row * Wo + column
      return {
        value: data[at],
        share: data[at] / scale,
        ...(product === undefined ? {} : { pair: pairOf(product, scene, mode) }),
        ...(product !== undefined && mode === 'fan' ? { tag: product.tap.join() } : {}),
        dim: isForward && at > now,
        chosen: isForward && at === now,
        lit: index !== undefined && index === lit,
      }
    },
    place: (row, column) => (isForward ? [row, column] : null),
  }
}

/** dy in its frame, with the turned kernel lying on it. */
function laidGrid({ scene, view: { place, turned }, sum: { products }, lit }: Drawing): Grid {
  const { Kh, Kw, dh, dw } = scene.window
  const { laid, laidValues } = scene
  const columns = laid[0].length
  const scale = largest(scene.dy.data)
  return {
    name: 'dy',
    caption: 'in order, zeros around',
    rows: laid.length,
    columns,
    look(row, column) {
      const { kind } = laid[row][column]
      const value = laidValues.data[row * columns + column]
      const [i, j] = [(row - place[0]) / dh, (column - place[1]) / dw]
      const inside = Number.isInteger(i) && Number.isInteger(j) && i >= 0 && i < Kh && j >= 0 && j < Kw
      const tap = turned ? ([Kh - 1 - i, Kw - 1 - j] as const) : ([i, j] as const)
      const index = products.findIndex((product) => key(...product.tap) === key(...tap))
      return {
        value,
        share: value / scale,
        ...(kind === 'dy' ? {} : { kind }),
        ...(inside ? { pair: tap[0] * Kw + tap[1], tag: key(...tap) } : {}),
        lit: inside && lit !== null && index === lit,
      }
    },
    place: (row, column) => [row - Math.floor(((Kh - 1) * dh) / 2), column - Math.floor(((Kw - 1) * dw) / 2)],
  }
}

/** Each window as a column. */
function columnsGrid({ scene, view: { place }, sum: { products }, lit }: Drawing): Grid {
  const { Ho, Wo, Kh, Kw, sh, sw, ph, pw, dh, dw, H, W } = scene.window
  const scale = largest(scene.x.data)
  const now = place[0] * Wo + place[1]
  return {
    name: 'X',
    caption: 'a window a column',
    rows: Kh * Kw,
    columns: Ho * Wo,
    look(row, column) {
      const a = Math.floor(column / Wo) * sh + Math.floor(row / Kw) * dh - ph
      const e = (column % Wo) * sw + (row % Kw) * dw - pw
      const outside = a < 0 || a >= H || e < 0 || e >= W
      const value = outside ? 0 : scene.x.data[a * W + e]
      const isNow = column === now
      const frame = outside ? { kind: 'frame' as const } : {}
      const pair = isNow ? { pair: row } : {}
      return {
        value,
        share: value / scale,
        ...frame,
        ...pair,
        dim: column > now,
        lit: isNow && lit === row && products.length > row,
      }
    },
    place: (_row, column) => [Math.floor(column / Wo), column % Wo],
  }
}

function gridsOf(drawing: Drawing): Grid[] {
  const { scene, view } = drawing
  if (view.mode === 'columns') return [imageGrid(drawing, scene.x.data, 'x'), columnsGrid(drawing)]
  if (view.mode === 'turned')
    return [imageGrid(drawing, scene.dx.data, 'dx'), kernelGrid(drawing), laidGrid(drawing)]
  return [imageGrid(drawing, scene.x.data, 'x'), kernelGrid(drawing), outputGrid(drawing)]
}

/** The windows that read the chosen cell, each in the colour of the tap that it read it with. */
function Windows({ drawing: { scene, view, sum, lit }, box }: { drawing: Drawing; box: Box }): JSX.Element {
  const { Kh, Kw, dh, dw, sh, sw } = scene.window
  const [height, width] = [((Kh - 1) * dh + 1) * box.cell, ((Kw - 1) * dw + 1) * box.cell]
  const isFan = view.mode === 'fan'
  const shown = isFan ? sum.products : sum.products.slice(0, 1)
  return (
    <g class={isFan ? 'windows fan' : 'windows'} key={isFan ? view.place.join() : 'one'}>
      {shown.map((product, index) => {
        const [h, v] = product.output
        const inset = isFan ? 1.5 + (index % 3) * 1.7 : 0
        return (
          <rect
            key={isFan ? product.output.join() : 'one'}
            class={index === lit ? 'lit' : ''}
            style={{ '--pair': isFan ? pairOf(product, scene, view.mode) : 0, '--order': index }}
            x={box.x + v * sw * box.cell + inset}
            y={box.y + h * sh * box.cell + inset}
            width={width - 2 * inset}
            height={height - 2 * inset}
            rx={6}
          />
        )
      })}
    </g>
  )
}

/** From a cell of dy over the tap to the cell of x: the way that the gradient comes back. */
function Ways({
  drawing: { scene, view, sum, lit },
  boxes,
}: {
  drawing: Drawing
  boxes: Box[]
}): JSX.Element {
  const { ph, pw, dh, dw } = scene.window
  const [image, kernel, output] = boxes as [Box, Box, Box]
  return (
    <g class="ways">
      {sum.products.map((product, index) => {
        const [x0, y0] = middle(output, ...product.output)
        const [x1, y1] = middle(kernel, product.tap[0] * dh, product.tap[1] * dw)
        const [x2, y2] = middle(image, product.cell[0] + ph, product.cell[1] + pw)
        const bend = (from: number, to: number): number => from + (to - from) * 0.45
        const curve = `M${x0},${y0}C${bend(x0, x1)},${y0} ${bend(x1, x0)},${y1} ${x1},${y1}S${bend(x2, x1)},${y2} ${x2},${y2}`
        return (
          <path
            key={product.output.join()}
            d={curve}
            class={index === lit ? 'lit' : ''}
            style={{ '--pair': pairOf(product, scene, view.mode) }}
          />
        )
      })}
    </g>
  )
}

/** The pull of a pointer: which place of the mode is under it. */
export type Grab = (x: number, y: number) => readonly [number, number] | null

/** The picture of a view, and what is where in it. */
export function pictureOf(
  drawing: Drawing,
  narrow: boolean,
): { picture: JSX.Element; height: number; grab: Grab } {
  const { scene, view } = drawing
  const width = narrow ? WIDTH.narrow : WIDTH.wide
  const grids = gridsOf(drawing)
  const { boxes, height } = placeGrids(grids, width, narrow)
  const isTurning = view.mode === 'turned'
  const grab: Grab = (x, y) => {
    for (const [index, { x: left, y: top, cell, rows, columns }] of boxes.entries()) {
      const [row, column] = [Math.floor((y - top) / cell), Math.floor((x - left) / cell)]
      if (row < 0 || column < 0 || row >= rows || column >= columns) continue
      const place = grids[index].place(row, column)
      return place === null ? null : clampPlace(scene, view.mode, place)
    }
    return null
  }
  const picture = (
    <>
      {grids.map((grid, i) => (
        <Cells
          key={grid.name}
          {...grid}
          box={boxes[i]}
          angle={isTurning && view.turned && grid.name === 'w' ? 180 : 0}
        />
      ))}
      {(view.mode === 'forward' || view.mode === 'columns' || view.mode === 'fan') && (
        <Windows drawing={drawing} box={boxes[0]} />
      )}
      {view.mode === 'fan' && <Ways drawing={drawing} boxes={boxes} />}
    </>
  )
  return { picture, height, grab }
}

/** The sum that the kernel would give as it is, not turned: wrong, unless the kernel looks the same turned. */
export function unturnedSum(
  { w, laid, laidValues, window: { Kh, Kw, dh, dw } }: Scene,
  [a, e]: readonly [number, number],
): number {
  const columns = laid[0].length
  const turned = turn(w).data
  let sum = 0
  for (let i = 0; i < Kh; i++)
    for (let j = 0; j < Kw; j++)
      sum += turned[(Kh - 1 - i) * Kw + Kw - 1 - j] * laidValues.data[(a + i * dh) * columns + e + j * dw]
  return sum
}
