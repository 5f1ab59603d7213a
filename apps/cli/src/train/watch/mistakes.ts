import { html, type Markup } from '../../report/markup.ts'
import { percent } from '../format.ts'
import type { Look } from './look.ts'
import { grey, picture } from './pixels.ts'

/** Of the images that were looked at, the wrong ones with the largest loss; the first channel of each. */
export function mistakesPart(
  { images, worst }: Look,
  names: readonly string[],
  shape: readonly number[],
): Markup {
  const [height, width] = shape.slice(-2) as [number, number]
  const pictures = worst.map(({ values, truth, takenFor, probability }) =>
    picture(
      grey(values, [height, width]),
      84,
      `${names[truth]} taken for ${names[takenFor]} (${percent(probability)})`,
    ),
  )
  const what = worst.length === 0 ? 'none is wrong.' : 'those with the largest loss:'
  return html`<p>Of the first ${images} validation images, ${what}</p>${pictures}`
}
