/** A piece of a contour, from one side of a cell to another; in shares of the picture, from the left and from the top. */
export type Piece = readonly [x0: number, y0: number, x1: number, y1: number]

/** Where two heights at the ends of a side enclose a level. */
function crossing(level: number, from: number, to: number): number | null {
  return from < level === to < level ? null : (level - from) / (to - from)
}

/** The lines along which a surface is `level` high, cell by cell (marching squares). */
export function contour(f: (x: number, y: number) => number, level: number, cells: number): Piece[] {
  const height = (x: number, y: number): number => f(x / cells, y / cells)
  const pieces: Piece[] = []
  for (let y = 0; y < cells; y++) {
    for (let x = 0; x < cells; x++) {
      const [a, b, c, d] = [height(x, y), height(x + 1, y), height(x + 1, y + 1), height(x, y + 1)]
      const top = crossing(level, a, b)
      const right = crossing(level, b, c)
      const bottom = crossing(level, d, c)
      const left = crossing(level, a, d)
      const points = [
        top === null ? null : [x + top, y],
        right === null ? null : [x + 1, y + right],
        bottom === null ? null : [x + bottom, y + 1],
        left === null ? null : [x, y + left],
      ].filter((point) => point !== null)
      // Four crossings are a saddle: two pieces, of neighbouring sides.
      for (let i = 0; i + 1 < points.length; i += 2) {
        const [[x0, y0], [x1, y1]] = [points[i], points[i + 1]]
        pieces.push([x0 / cells, y0 / cells, x1 / cells, y1 / cells])
      }
    }
  }
  return pieces
}
