import type { JSX } from 'preact'
import type { Cell } from '../../../../cli/src/exercises/judge.ts'
import { short } from '../format.ts'

interface Props {
  title: string
  cells: readonly Cell[]
}

const wide = (value: number): string => short(Number(value.toPrecision(5)))

/** Cells in rows: those that differ only in their last index. */
const rowsOf = (cells: readonly Cell[]): (readonly [string, Cell[]])[] => [
  ...Map.groupBy(cells, ({ index }) => index.slice(0, -1).join()),
]

/** What was given, cell by cell: the wrong ones are framed, with what was expected below. */
export function WrongCells({ title, cells }: Props): JSX.Element {
  const wrong = cells.filter(({ right }) => !right).length
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`What you gave for ${title}`}>
      <table class="given" data-wrong={wrong}>
        <caption>
          {title}: {wrong} of {cells.length} numbers are wrong. Under each wrong one is the right one.
        </caption>
        <tbody>
          {rowsOf(cells).map(([at, row]) => (
            <tr key={at}>
              <th scope="row">[{at === '' ? '' : `${at},`}…]</th>
              {row.map(({ index, got, expected, right }) => (
                <td key={index.join()} class={right ? 'right' : 'wrong'} data-index={index.join()}>
                  {wide(got)}
                  {!right && <small>{wide(expected)}</small>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
