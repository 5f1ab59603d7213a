/** How the numbers of a stage lie in its picture: planes of rows and columns, in memory's order. */
export interface Layout {
  readonly planes: number
  readonly height: number
  readonly width: number
}

/** A row of numbers is broken into lines of at most so many. */
const LONGEST_LINE = 56

/** An image [1,C,H,W] has a plane for each channel; a row of features [1,n] is one plane, in lines of one length. */
export function layoutOf(shape: readonly number[]): Layout {
  if (shape.length === 4) return { planes: shape[1], height: shape[2], width: shape[3] }
  const size = shape[1]
  let width = Math.min(size, LONGEST_LINE)
  while (size % width > 0) width--
  return { planes: 1, height: size / width, width }
}

/** The index of a cell, its image apart: `[c, row, column]`, or `[k]` of a row of features. */
export function indexOf(shape: readonly number[], cell: number): number[] {
  if (shape.length !== 4) return [cell]
  const [, , H, W] = shape
  return [Math.floor(cell / (H * W)), Math.floor(cell / W) % H, cell % W]
}

/** The borders of what is marked in one plane, as the path of an SVG whose unit is a cell. */
export function outlineOf(mask: Uint8Array, plane: number, { height, width }: Layout): string {
  const from = plane * height * width
  const marked = (row: number, column: number): boolean =>
    row >= 0 && row < height && column >= 0 && column < width && mask[from + row * width + column] === 1
  const edges: string[] = []
  for (let row = 0; row <= height; row++) {
    for (let column = 0; column <= width; column++) {
      const own = marked(row, column)
      if (own !== marked(row - 1, column)) edges.push(`M${column},${row}h1`)
      if (own !== marked(row, column - 1)) edges.push(`M${column},${row}v1`)
    }
  }
  return edges.join('')
}
