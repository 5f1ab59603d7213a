import type { Tensor } from '@handgrad/tensor'
import type { JSX } from 'preact'
import type { Mode, Scene } from '../../stages/conv2d.ts'
import { range, short } from '../format.ts'

const shown: Readonly<Record<Mode, readonly (keyof Scene & ('x' | 'w' | 'y' | 'dy' | 'dx' | 'dw'))[]>> = {
  forward: ['x', 'w', 'y'],
  columns: ['x', 'w', 'y'],
  fan: ['dy', 'w', 'dx'],
  turned: ['dy', 'w', 'dx'],
  weight: ['x', 'dy', 'dw'],
}

/** The numbers of the picture as tables. */
export function SceneTables({ scene, mode }: { scene: Scene; mode: Mode }): JSX.Element {
  return (
    <details>
      <summary>The numbers as tables</summary>
      <div class="row">
        {shown[mode].map((name) => (
          <Table key={name} name={name} tensor={scene[name]} />
        ))}
      </div>
    </details>
  )
}

function Table({ name, tensor }: { name: string; tensor: Tensor }): JSX.Element {
  const [rows, columns] = tensor.shape.slice(-2) as [number, number]
  return (
    <table class="plain" data-table={name}>
      <caption>{name}</caption>
      <tbody>
        {range(rows).map((row) => (
          <tr key={row}>
            {range(columns).map((column) => (
              <td key={column}>{short(tensor.data[row * columns + column])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
