import type { JSX } from 'preact'
import { range } from '../format.ts'
import { session } from './session.ts'

/** What each test digit was taken for. */
export function ConfusionTable(): JSX.Element | null {
  const done = session.done.value
  if (done === null) return null
  const classes = Math.sqrt(done.confusion.length)
  const digits = range(classes)
  const most = Math.max(...done.confusion.map((count, i) => (i % (classes + 1) === 0 ? 0 : count)), 1)
  return (
    <section>
      <p class="title">What the test digits were taken for</p>
      <div class="scroll">
        <table class="confusion">
          <caption>A row for each digit, a column for each answer</caption>
          <thead>
            <tr>
              <th scope="col">digit</th>
              {digits.map((digit) => (
                <th key={digit} scope="col">
                  {digit}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {digits.map((truth) => (
              <tr key={truth}>
                <th scope="row">{truth}</th>
                {digits.map((answer) => {
                  const count = done.confusion[truth * classes + answer]
                  const wrong = truth === answer ? 0 : count / most
                  return (
                    <td key={answer} class={truth === answer ? 'right' : ''} style={{ '--v': wrong }}>
                      {count}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
