import type { Layout } from './planes.ts'

/** How far each key moves: planes, rows, columns. */
const keys: Readonly<Record<string, readonly [number, number, number]>> = {
  ArrowUp: [0, -1, 0],
  ArrowDown: [0, 1, 0],
  ArrowLeft: [0, 0, -1],
  ArrowRight: [0, 0, 1],
  PageUp: [-1, 0, 0],
  PageDown: [1, 0, 0],
}

const within = (value: number, extent: number): number => Math.min(extent - 1, Math.max(0, value))

/** The cell that a key leads to; at an end it stays. Null for another key. */
export function cellAfter(key: string, cell: number, { planes, height, width }: Layout): number | null {
  const move = keys[key]
  if (move === undefined) return null
  const plane = within(Math.floor(cell / (height * width)) + move[0], planes)
  const row = within((Math.floor(cell / width) % height) + move[1], height)
  return (plane * height + row) * width + within((cell % width) + move[2], width)
}

/** The cell of a plane at a share of its width and of its height. */
export function cellAt(plane: number, x: number, y: number, { height, width }: Layout): number {
  const row = within(Math.floor(y * height), height)
  return (plane * height + row) * width + within(Math.floor(x * width), width)
}
