/** Where a grid of cells lies in the picture. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly cell: number
  readonly rows: number
  readonly columns: number
}

/** A grid that must be placed. */
export interface Extent {
  readonly rows: number
  readonly columns: number
}

/** Room above a grid for its name. */
const TITLE = 26
const GAP = 34
const LARGEST = 44

/** Grids side by side in a picture of this width, or on a narrow one the second below the others. */
export function placeGrids(
  grids: readonly Extent[],
  width: number,
  narrow: boolean,
): { boxes: Box[]; height: number } {
  const rows = narrow && grids.length === 3 ? [[0, 2], [1]] : [grids.map((_, i) => i)]
  const boxes: Box[] = []
  let top = 0
  const widest = Math.max(...rows.map((row) => row.reduce((sum, i) => sum + grids[i].columns, 0)))
  const crowded = rows.find((row) => row.reduce((sum, i) => sum + grids[i].columns, 0) === widest)
  const cell = Math.min(LARGEST, (width - GAP * (crowded!.length - 1) - 4) / widest)
  for (const row of rows) {
    const used = row.reduce((sum, i) => sum + grids[i].columns * cell, 0)
    const gap = row.length === 1 ? 0 : (width - 4 - used) / (row.length - 1)
    let left = row.length === 1 ? (width - used) / 2 : 2
    const tallest = Math.max(...row.map((i) => grids[i].rows))
    for (const i of row) {
      const { rows: own, columns } = grids[i]
      boxes[i] = { x: left, y: top + TITLE + ((tallest - own) * cell) / 2, cell, rows: own, columns }
      left += columns * cell + gap
    }
    top += TITLE + tallest * cell + 12
  }
  return { boxes, height: top }
}

/** The middle of a cell. */
export function middle({ x, y, cell }: Box, row: number, column: number): readonly [number, number] {
  return [x + (column + 0.5) * cell, y + (row + 0.5) * cell]
}
