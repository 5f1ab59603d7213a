import type { Tensor } from '@handgrad/tensor'
import type { JSX } from 'preact'
import { flatIndex, indices } from '../../explorers/explorer.ts'
import { hueOf } from '../../lib/hues.ts'
import { address, range, short } from '../format.ts'

export interface GridProps {
  name: string
  label: string
  tensor: Tensor
  editable: boolean
  /** Whether a neighbour has a caption over its cells: then there is room for one here, and the cells stand level. */
  captioned: boolean
  picked: readonly number[] | null
  /** The cells that the picked one is made of, as `0,1,2`. */
  parts: ReadonlySet<string>
  onPick: (index: readonly number[]) => void
  onChange: (index: readonly number[], value: number) => void
}

/** How far each arrow key moves along the last two axes. */
const arrows: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** A tensor as tables, one for each place in the axes before the last two. */
export function Grid(props: GridProps): JSX.Element {
  const { name, label, tensor } = props
  const leading = tensor.shape.slice(0, -2)
  return (
    <section class="grid" data-term={name} data-hue={hueOf(name)} aria-label={`${name}, ${label}`}>
      <p class="title">
        <var>{name}</var> <span>{label}</span> <small>[{tensor.shape.join(', ')}]</small>
      </p>
      <div class="tables">
        {[...indices(leading)].map((at) => (
          <Table key={at.join()} {...props} at={at} />
        ))}
      </div>
    </section>
  )
}

function Table({ at, ...props }: GridProps & { at: readonly number[] }): JSX.Element {
  const { name, tensor } = props
  const [rows, columns] = tensor.shape.length > 1 ? tensor.shape.slice(-2) : [1, tensor.shape[0]]
  const scale = Math.max(...Array.from(tensor.data, Math.abs)) || 1
  const index = (row: number, column: number): number[] =>
    tensor.shape.length > 1 ? [...at, row, column] : [column]
  return (
    <table onKeyDown={(event) => move(event, rows, columns)}>
      {props.captioned && (
        <caption>{at.length > 0 ? address(name, [...at, '…', '…'] as never) : '\u00a0'}</caption>
      )}
      <tbody>
        {range(rows).map((row) => (
          <tr key={row}>
            {range(columns).map((column) => (
              <Cell key={column} {...props} index={index(row, column)} place={[row, column]} scale={scale} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

type CellProps = GridProps & { index: readonly number[]; place: readonly [number, number]; scale: number }

function Cell({ name, tensor, editable, picked, parts, index, place, scale, ...on }: CellProps): JSX.Element {
  const value = tensor.data[flatIndex(tensor.shape, index)]
  const chosen = picked?.join() === index.join()
  const part = parts.has(index.join())
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = editable ? { '+': 1, '-': -1 }[event.key] : undefined
    if (step !== undefined) on.onChange(index, value + step)
  }
  return (
    <td
      class={[chosen && 'chosen', part && 'part'].filter(Boolean).join(' ')}
      style={{ '--v': value / scale }}
    >
      <button
        type="button"
        data-place={place.join()}
        tabIndex={
          chosen || (!picked && place[0] === 0 && place[1] === 0) || (picked && place.join() === '0,0')
            ? 0
            : -1
        }
        aria-pressed={chosen}
        aria-label={`${address(name, index)} is ${short(value)}${part ? ', part of the sum' : ''}`}
        onClick={() => on.onPick(index)}
        onKeyDown={onKeyDown}
      >
        {short(value)}
      </button>
    </td>
  )
}

function move(event: KeyboardEvent, rows: number, columns: number): void {
  const step = arrows[event.key]
  const button = event.target as HTMLElement
  if (step === undefined || button.dataset.place === undefined) return
  const [row, column] = button.dataset.place.split(',').map(Number) as [number, number]
  const to = [(row + step[0] + rows) % rows, (column + step[1] + columns) % columns]
  event.preventDefault()
  const table = event.currentTarget as HTMLElement
  table.querySelector<HTMLElement>(`[data-place="${to.join()}"]`)?.focus()
}
