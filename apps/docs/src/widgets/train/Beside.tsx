import type { JSX } from 'preact'
import type { Parameter, Plain } from '../../workers/protocol.ts'
import { short } from '../format.ts'
import { Head } from '../Head.tsx'
import { TensorView } from './Tensor.tsx'

/** One unit in the last place of float32 at 1. */
const ULP = 2 ** -23

interface Apart {
  /** The largest difference. */
  readonly most: number
  /** The same in units in the last place of the largest value. */
  readonly ulps: number
}

function apart(ours: ArrayLike<number>, torch: ArrayLike<number>): Apart {
  let [most, largest] = [0, 0]
  for (let i = 0; i < torch.length; i++) {
    most = Math.max(most, Math.abs(ours[i] - torch[i]))
    largest = Math.max(largest, Math.abs(torch[i]))
  }
  const unit = 2 ** Math.floor(Math.log2(largest)) * ULP
  return { most, ulps: largest === 0 ? 0 : most / unit }
}

function Difference({ title, found, of }: { title: string; found: Apart; of: string }): JSX.Element {
  return (
    <p class="apart" data-apart={found.ulps}>
      {title}: {of} differ by at most <strong>{found.most === 0 ? 'nothing' : short(found.most)}</strong>
      {found.most > 0 && `, ${found.ulps.toFixed(2)} units in the last place of the largest`}.
    </p>
  )
}

/** A tensor; where PyTorch's is known, that one beside it, and how far they are apart. */
export function Beside({
  title,
  ours,
  torch,
}: {
  title: string
  ours: Plain
  torch: Plain | null
}): JSX.Element {
  if (torch === null) return <TensorView title={title} tensor={ours} />
  return (
    <>
      <Difference
        title={title}
        found={apart(ours.data, torch.data)}
        of={`all ${torch.data.length.toLocaleString('en')} numbers`}
      />
      <div class="beside">
        <TensorView title={`${title}, here`} tensor={ours} />
        <TensorView title={`${title}, PyTorch`} tensor={torch} />
      </div>
    </>
  )
}

/** A parameter's gradient, and the elements of it that PyTorch recorded. */
export function GradientBeside({
  parameter: { name, gradient, torch },
}: {
  parameter: Parameter
}): JSX.Element {
  const title = `d${name}`
  if (torch === null) return <TensorView title={title} tensor={gradient} />
  const { places, values } = torch
  const ours = Array.from(places, (place) => gradient.data[place])
  const total = gradient.data.length
  return (
    <>
      <Difference
        title={title}
        found={apart(ours, values)}
        of={
          places.length === total
            ? `all ${total} numbers`
            : `the ${places.length} recorded of ${total} numbers`
        }
      />
      <TensorView title={`${title}, here`} tensor={gradient} />
      <details>
        <summary>What PyTorch recorded of {title}</summary>
        <div class="scroll numbers" tabIndex={0} role="region" aria-label={`${title}, as recorded`}>
          <table class="plain">
            <Head titles={['element', 'here', 'PyTorch']} />
            <tbody>
              {ours.map((value, i) => (
                <tr key={places[i]}>
                  <th scope="row">{places[i]}</th>
                  <td>{value.toPrecision(8)}</td>
                  <td>{values[i].toPrecision(8)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  )
}
