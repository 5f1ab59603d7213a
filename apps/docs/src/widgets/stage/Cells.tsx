import type { JSX } from 'preact'
import { short } from '../format.ts'
import { type Box, middle } from './layout.ts'

/** One cell of a grid. */
export interface CellLook {
  readonly value: number | null
  /** For the colour: value by the largest size. */
  readonly share?: number
  readonly kind?: 'frame' | 'gap' | 'hole'
  /** The colour of a pair, a number that is the same for its partner. */
  readonly pair?: number
  /** Small, in the corner. */
  readonly tag?: string
  readonly dim?: boolean
  readonly chosen?: boolean
  readonly lit?: boolean
}

interface Props {
  name: string
  caption: string
  box: Box
  look: (row: number, column: number) => CellLook
  /** Degrees that the grid is turned by. */
  angle?: number
}

/** A grid of numbers in a picture. */
export function Cells({ name, caption, box, look, angle = 0 }: Props): JSX.Element {
  const { x, y, cell, rows, columns } = box
  const places = Array.from(
    { length: rows * columns },
    (_, i) => [Math.floor(i / columns), i % columns] as const,
  )
  const centre = `${x + (columns * cell) / 2}px ${y + (rows * cell) / 2}px`
  return (
    <g class="cells" data-grid={name}>
      <text x={x} y={y - 9} class="name">
        <tspan class="symbol">{name}</tspan> {caption}
      </text>
      <g class="turning" style={{ transform: `rotate(${angle}deg)`, transformOrigin: centre }}>
        {places.map(([r, c]) => (
          <Cell key={`${r},${c}`} box={box} row={r} column={c} angle={angle} {...look(r, c)} />
        ))}
      </g>
    </g>
  )
}

function Cell({
  box,
  row,
  column,
  angle,
  value,
  share = 0,
  kind,
  pair,
  tag,
  dim,
  chosen,
  lit,
}: CellLook & { box: Box; row: number; column: number; angle: number }): JSX.Element {
  const [cx, cy] = middle(box, row, column)
  const side = box.cell - 3
  const classes = ['cell', kind, dim && 'dim', chosen && 'chosen', lit && 'lit', pair !== undefined && 'pair']
  return (
    <g
      class={classes.filter(Boolean).join(' ')}
      data-cell={`${row},${column}`}
      style={{
        '--v': share,
        '--pair': pair ?? 0,
        transform: `rotate(${-angle}deg)`,
        transformOrigin: `${cx}px ${cy}px`,
      }}
    >
      <rect x={cx - side / 2} y={cy - side / 2} width={side} height={side} rx={4} />
      {value !== null && (
        <text
          x={cx}
          y={cy + (tag === undefined ? 0 : 4)}
          font-size={Math.min(16, box.cell * 0.42)}
          class="number"
        >
          {short(value)}
        </text>
      )}
      {tag !== undefined && box.cell >= 24 && (
        <text
          x={cx - side / 2 + 3}
          y={cy - side / 2 + 7}
          font-size={Math.min(10, box.cell * 0.28)}
          class="tag"
        >
          {tag}
        </text>
      )}
    </g>
  )
}
