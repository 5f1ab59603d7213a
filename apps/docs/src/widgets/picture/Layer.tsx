import type { JSX } from 'preact'
import { useMemo, useRef } from 'preact/hooks'
import type { Side } from '../../picture/open.ts'
import { type Layout, layoutOf, outlineOf } from '../../picture/planes.ts'
import type { Reach } from '../../picture/reach.ts'
import { cellAfter, cellAt } from '../../picture/steps.ts'
import type { Stage } from '../../workers/protocol.ts'
import { range } from '../format.ts'
import { largestSize } from '../Picture.tsx'
import { Plane } from './Plane.tsx'

/** A stage of a network before anything has passed. */
export interface Frame {
  readonly name: string
  readonly shape: readonly number[]
}

interface Props {
  frame: Frame
  /** What passed; null before. */
  stage: Stage | null
  side: Side
  /** The cell that is pointed at, if it is of this stage. */
  chosen: number | null
  reach: Reach | null
  /** Whether its planes are the scores, one for each class. */
  last: boolean
  point: (cell: number) => void
  open: (cell: number) => void
}

/** Planes of more columns are large ones; so many planes are few, and fill a row as they are. */
const WIDE = 20
const FEW = 8

/** The cell of a stage that an event is over. */
function cellUnder({ target, clientX, clientY }: MouseEvent, layout: Layout): number | null {
  const plane = (target as Element).closest<HTMLElement>('[data-plane]')
  if (plane === null) return null
  const box = plane.getBoundingClientRect()
  const [x, y] = [(clientX - box.left) / box.width, (clientY - box.top) / box.height]
  return cellAt(Number(plane.dataset.plane), x, y, layout)
}

/** One stage of the network: its planes, a cell of which one points at. */
export function Layer({ frame, stage, side, chosen, reach, last, point, open }: Props): JSX.Element {
  const { name, shape } = frame
  const layout = layoutOf(shape)
  const data = stage?.[side].data ?? null
  const full = useMemo(() => (data === null ? 1 : largestSize(data)), [data])
  // A finger points first, and opens with the next touch of the same cell.
  const ready = useRef(true)
  const over = (event: MouseEvent, what: (cell: number) => void): void => {
    const cell = stage === null ? null : cellUnder(event, layout)
    if (cell !== null) what(cell)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (stage === null) return
    if (event.key === 'Enter' && chosen !== null) open(chosen)
    const to = chosen === null ? null : cellAfter(event.key, chosen, layout)
    if (to === null) return
    event.preventDefault()
    point(to)
  }
  const onFocus = (): void => {
    // Where there is something to see.
    if (data !== null && chosen === null) point(data.findIndex((value) => Math.abs(value) === full))
  }
  const marksOf = (plane: number) => ({
    read: reach === null ? '' : outlineOf(reach.read, plane, layout),
    moves: reach === null ? '' : outlineOf(reach.moves, plane, layout),
    own: chosen === null ? '' : outlineOf(reach!.read, plane, layout),
  })
  return (
    <section class="layer" data-stage={name}>
      <p class="title">
        {name} <small>[{shape.slice(1).join(', ')}]</small>
      </p>
      <div
        class={[
          'cells',
          layout.width > WIDE && 'large',
          layout.planes === 1 && 'single',
          layout.planes > 1 && layout.planes <= FEW && 'few',
        ]
          .filter(Boolean)
          .join(' ')}
        data-kind={shape.length === 4 ? 'image' : 'row'}
        role="application"
        tabIndex={0}
        aria-label={`${name}, ${layout.planes} × ${layout.height} × ${layout.width} cells: arrow keys move over the rows and columns, page up and page down over the planes, Enter opens the page of the layer with the numbers there`}
        onPointerDown={(event) => {
          over(event, (cell) => {
            ready.current = event.pointerType === 'mouse' || cell === chosen
            point(cell)
          })
        }}
        onPointerMove={(event) => over(event, point)}
        onClick={(event) => over(event, (cell) => ready.current && open(cell))}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
      >
        {range(layout.planes).map((plane) => (
          <Plane key={plane} plane={plane} layout={layout} data={data} full={full} marks={marksOf(plane)} />
        ))}
      </div>
      {last && (
        <div class="classes" aria-hidden="true">
          {range(layout.width).map((digit) => (
            <span key={digit}>{digit}</span>
          ))}
        </div>
      )}
    </section>
  )
}
