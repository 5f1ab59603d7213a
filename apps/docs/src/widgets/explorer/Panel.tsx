import type { JSX } from 'preact'
import { type Explanation, type Factor, flatIndex, product, type Term } from '../../explorers/explorer.ts'
import { hueOf } from '../../lib/hues.ts'
import { address, short } from '../format.ts'
import { fits, type State } from './state.ts'

const text = ({ name, index }: Factor): string => (index === undefined ? name : address(name, index))

/** What is known of the picked cell: its value, an input to change it, or the sum that it is. */
export function Panel({ state }: { state: State }): JSX.Element {
  const { pick } = state.view.value
  const x = pick === null ? undefined : state.result.value.tensors[pick.name]
  if (pick === null || x === undefined) {
    return <p class="hint">Choose a cell to change it, or to see the sum that it is.</p>
  }
  const value = fits(pick.index, x.shape) ? x.data[flatIndex(x.shape, pick.index)] : undefined
  if (value === undefined) return <p class="hint">That cell is gone: choose another one.</p>
  const name = address(pick.name, pick.index)
  if (pick.name in state.inputs.value) {
    return (
      <label class="edit">
        <var data-term={pick.name} data-hue={hueOf(pick.name)}>
          {name}
        </var>{' '}
        ={' '}
        <input
          type="number"
          step="0.5"
          value={value}
          onInput={({ currentTarget }) => state.setCell(pick.name, pick.index, currentTarget.valueAsNumber)}
          onBlur={({ currentTarget }) => (currentTarget.value = String(value))}
        />
        <span class="hint"> or press + and − on the cell</span>
      </label>
    )
  }
  const explanation = state.explanation.value
  return explanation === null ? (
    <p>
      <var data-term={pick.name} data-hue={hueOf(pick.name)}>
        {name}
      </var>{' '}
      = {short(value)}
    </p>
  ) : (
    <Sum name={name} term={pick.name} value={value} explanation={explanation} />
  )
}

interface SumProps {
  name: string
  term: string
  value: number
  explanation: Explanation
}

function Sum({ name, term, value, explanation: { rule, terms } }: SumProps): JSX.Element {
  return (
    <div class="sum">
      <p>
        <var data-term={term} data-hue={hueOf(term)}>
          {name}
        </var>{' '}
        = <strong>{short(value)}</strong>. {rule}
      </p>
      <table>
        <caption class="sr-only">The products that add up to {name}</caption>
        <thead>
          <tr>
            <th scope="col">product</th>
            <th scope="col">with numbers</th>
            <th scope="col">is</th>
            <th scope="col">note</th>
          </tr>
        </thead>
        <tbody>
          {terms.map((item, i) => (
            <Row key={i} item={item} />
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={2}>
              sum
            </th>
            <td>{short(terms.reduce((sum, item) => sum + product(item), 0))}</td>
            <td>
              the library’s {term === 'y' ? 'forward()' : 'bwd()'} gives {short(value)}
            </td>
          </tr>
        </tfoot>
      </table>
    </div>
  )
}

/** Whether a factor is not there at all, as in the padding; a number that happens to be 0 is there. */
const isAbsent = (item: Term): boolean =>
  product(item) === 0 && item.factors.some(({ index }) => index === undefined)

function Row({ item }: { item: Term }): JSX.Element {
  return (
    <tr class={isAbsent(item) ? 'nothing' : ''}>
      <td>
        {item.factors.map((factor, i) => (
          <>
            {i > 0 && ' · '}
            <var data-term={factor.index && factor.name} data-hue={hueOf(factor.name)}>
              {text(factor)}
            </var>
          </>
        ))}
      </td>
      <td>{item.factors.map(({ value }) => (value < 0 ? `(${short(value)})` : short(value))).join(' · ')}</td>
      <td>{short(product(item))}</td>
      <td>{item.note ?? ''}</td>
    </tr>
  )
}
