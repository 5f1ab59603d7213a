import { CrossEntropyLoss } from '@handgrad/loss-optim'
import { tensor } from '@handgrad/tensor'
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Forces } from './Forces.tsx'
import { short } from './format.ts'
import { Head } from './Head.tsx'

interface View {
  logits: number[]
  target: number
  shift: number
}

const start: View = { logits: [2, -1, 0.5, 3, 0], target: 0, shift: 0 }
/** As many as there are digits. */
const MOST_CLASSES = 10

function readView(search: string): View {
  const query = new URLSearchParams(search)
  const logits = query.get('z')?.split(',').map(Number) ?? start.logits
  const target = Number(query.get('target') ?? start.target)
  const shift = Number(query.get('shift') ?? start.shift)
  const good =
    logits.length > 1 &&
    logits.length <= MOST_CLASSES &&
    [...logits, shift].every(Number.isFinite) &&
    target in logits
  return good ? { logits, target, shift } : start
}

/** What the library says, and the intermediate numbers of both ways to get there, in float32. */
function compute({ logits, target, shift }: View) {
  const z = Float32Array.from(logits, (value) => value + shift)
  const input = tensor(z, [1, logits.length])
  const criterion = new CrossEntropyLoss()
  const loss = criterion.forward(input, tensor(Int32Array.of(target))).item()
  criterion.bwd()
  const max = Math.max(...z)
  const stable = Array.from(z, (value) => Math.fround(Math.exp(value - max)))
  const naive = Array.from(z, (value) => Math.fround(Math.exp(value)))
  const sum = (values: number[]): number => values.reduce((total, value) => Math.fround(total + value), 0)
  const [stableSum, naiveSum] = [sum(stable), sum(naive)]
  return {
    z,
    max,
    stable,
    stableSum,
    naive,
    naiveSum,
    loss,
    naiveLoss: -Math.log(naive[target] / naiveSum),
    dz: input.g!.data,
  }
}

/** A sum of float32 numbers, without the roundings of its last digits. */
const sumOf = (values: ArrayLike<number>): number =>
  Number(
    Array.from(values)
      .reduce((sum, value) => sum + value, 0)
      .toFixed(6),
  )

/** Logits to loss and back: the stable way beside the way that overflows. */
export function CrossEntropy(): JSX.Element {
  const view = useSignal(start)
  useEffect(() => {
    view.value = readView(location.search)
    return view.subscribe(({ logits, target, shift }) => {
      const query = new URLSearchParams({ z: logits.join(), target: String(target), shift: String(shift) })
      const text = view.value === start ? '' : `?${query.toString().replaceAll('%2C', ',')}`
      history.replaceState(history.state, '', `${location.pathname}${text}${location.hash}`)
    })
  }, [view])
  const change = (part: Partial<View>): void => {
    view.value = { ...view.value, ...part }
  }
  const { logits, target, shift } = view.value
  const { z, max, stable, stableSum, naive, naiveSum, loss, naiveLoss, dz } = compute(view.value)
  return (
    <div class="widget not-content" data-widget="cross-entropy" id="explorer">
      <div class="controls">
        <label>
          right class
          <select
            value={target}
            onChange={({ currentTarget }) => change({ target: Number(currentTarget.value) })}
          >
            {logits.map((_, c) => (
              <option key={c} value={c}>
                {c}
              </option>
            ))}
          </select>
        </label>
        <label>
          add to all logits
          <input
            type="range"
            min={-150}
            max={150}
            value={shift}
            aria-valuetext={short(shift)}
            onInput={({ currentTarget }) => change({ shift: currentTarget.valueAsNumber })}
          />
          <output>{short(shift)}</output>
        </label>
      </div>
      <Forces softmax={stable.map((value) => value / stableSum)} dz={dz} target={target} />
      <div class="scroll" tabIndex={0} role="region" aria-label="Cross-entropy, number by number">
        <table class="plain">
          <Head
            titles={['class', 'logit z', 'softmax', 'one-hot', 'dz', 'z − max', 'exp(z − max)', 'exp(z)']}
          />
          <tbody>
            {logits.map((logit, c) => (
              <tr key={c}>
                <th scope="row">{c}</th>
                <td>
                  <input
                    type="number"
                    step="0.5"
                    aria-label={`logit of class ${c}`}
                    value={logit}
                    onInput={({ currentTarget }) =>
                      Number.isFinite(currentTarget.valueAsNumber) &&
                      change({ logits: logits.with(c, currentTarget.valueAsNumber) })
                    }
                  />
                  {shift !== 0 && <small> → {short(z[c])}</small>}
                </td>
                <td>{short(stable[c] / stableSum)}</td>
                <td>{c === target ? 1 : 0}</td>
                <td>
                  <strong>{short(dz[c])}</strong>
                </td>
                <td>{short(z[c] - max)}</td>
                <td>{short(stable[c])}</td>
                <td class={Number.isFinite(naive[c]) && naive[c] !== 0 ? '' : 'bad'}>{short(naive[c])}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">sum</th>
              <td />
              <td>{short(sumOf(stable.map((value) => value / stableSum)))}</td>
              <td>1</td>
              <td>{short(sumOf(dz))}</td>
              <td />
              <td>{short(stableSum)}</td>
              <td class={Number.isFinite(naiveSum) && naiveSum !== 0 ? '' : 'bad'}>{short(naiveSum)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
      <p role="status">
        Loss by the library: <strong data-loss={loss}>{short(loss)}</strong>. By −log(exp(z) / Σ exp(z)), in
        float32: <strong class={Number.isFinite(naiveLoss) ? '' : 'bad'}>{short(naiveLoss)}</strong>.
      </p>
    </div>
  )
}
