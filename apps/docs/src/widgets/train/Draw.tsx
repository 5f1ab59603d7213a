import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Shipped } from '../../lib/shipped.ts'
import type { Look } from '../../workers/protocol.ts'
import { Picture } from '../Picture.tsx'
import type { Frame } from '../picture/Layer.tsx'
import { NetworkPicture } from '../picture/NetworkPicture.tsx'
import { asDigit, contextOf, PAPER } from './ink.ts'
import { keepPaper } from './keep.ts'
import { session } from './session.ts'
import { TensorView } from './Tensor.tsx'

const NIB = 22
const KEY_STEP = 10
const arrows: Record<string, readonly [number, number]> = {
  ArrowUp: [0, -KEY_STEP],
  ArrowDown: [0, KEY_STEP],
  ArrowLeft: [-KEY_STEP, 0],
  ArrowRight: [KEY_STEP, 0],
}

interface Props {
  /** The weights that read until others were trained. */
  shipped: Shipped
  /** The network that they are of. */
  frames: readonly Frame[]
}

/** Paper to draw a digit on, with a pointer or with the arrow keys. */
export function Draw({ shipped, frames }: Props): JSX.Element {
  const paper = useRef<HTMLCanvasElement>(null)
  const look = useSignal<Look | null>(null)
  const grey = useSignal<Uint8Array | null>(null)
  const pen = useSignal({ x: PAPER / 2, y: PAPER / 4, down: false })
  const asked = useRef(0)

  const ask = async (): Promise<void> => {
    const digit = asDigit(paper.current!)
    grey.value = digit
    if (digit === null) return
    const turn = ++asked.current
    const answer = await session.look({ grey: digit })
    if (turn === asked.current) look.value = answer
  }
  // What was drawn before there was a network is read as soon as there is one, and again when it has learned.
  useEffect(() => session.done.subscribe((done) => void (done !== null && ask())), [])
  // Whoever comes back from a layer's page finds the drawing again.
  useEffect(() => keepPaper(paper.current!, () => void ask()), [])
  const line = (x: number, y: number): void => {
    const { x: fromX, y: fromY, down } = pen.value
    if (down) stroke(paper.current!, fromX, fromY, x, y)
    pen.value = { x, y, down }
    if (down) void ask()
  }
  const clear = (): void => {
    contextOf(paper.current!).clearRect(0, 0, PAPER, PAPER)
    look.value = null
    grey.value = null
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const { x, y, down } = pen.value
    const move = arrows[event.key]
    if (move !== undefined) line(clampTo(x + move[0]), clampTo(y + move[1]))
    else if (event.key === ' ') {
      pen.value = { x, y, down: !down }
      if (!down) line(x, y)
    } else return
    event.preventDefault()
  }
  return (
    <div class="widget not-content" data-widget="draw">
      <div class="draw">
        <div>
          <canvas
            ref={paper}
            class="paper"
            width={PAPER}
            height={PAPER}
            tabIndex={0}
            role="application"
            aria-label="Paper: draw with the pointer, or move the pen with the arrow keys and lift or lower it with the space bar"
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId)
              const [x, y] = positionOf(event)
              pen.value = { x, y, down: true }
              line(x, y)
            }}
            onPointerMove={(event) => event.buttons > 0 && line(...positionOf(event))}
            onPointerUp={() => (pen.value = { ...pen.value, down: false })}
            onKeyDown={onKeyDown}
          />
          <div class="controls">
            <button type="button" onClick={clear}>
              Clear
            </button>
            <span class="hint" role="status">
              pen {pen.value.down ? 'down' : 'up'} at {pen.value.x.toFixed(0)}, {pen.value.y.toFixed(0)}
            </span>
          </div>
        </div>
        <Answer look={look.value} grey={grey.value} />
      </div>
      {session.problem.value !== null && <p role="alert">{session.problem.value}</p>}
      {session.ready.value === null && <About shipped={shipped} />}
      <NetworkPicture look={look.value} frames={frames} />
      <Activations look={look.value} />
    </div>
  )
}

const clampTo = (value: number): number => Math.min(PAPER - 1, Math.max(0, value))

function positionOf({
  currentTarget,
  clientX,
  clientY,
}: PointerEvent & { currentTarget: HTMLElement }): [number, number] {
  const { left, top, width, height } = currentTarget.getBoundingClientRect()
  return [((clientX - left) / width) * PAPER, ((clientY - top) / height) * PAPER]
}

function stroke(paper: HTMLCanvasElement, fromX: number, fromY: number, x: number, y: number): void {
  const context = contextOf(paper)
  context.lineWidth = NIB
  context.lineCap = 'round'
  context.strokeStyle = getComputedStyle(paper).color
  context.beginPath()
  context.moveTo(fromX, fromY)
  context.lineTo(x, y)
  context.stroke()
}

/** What stands there before something is drawn: nothing moves when it comes. */
const nothing: readonly number[] = Array(10).fill(0)
const blank = new Uint8Array(28 * 28)

function Answer({ look, grey }: { look: Look | null; grey: Uint8Array | null }): JSX.Element {
  const predicted = grey === null ? undefined : look?.predicted
  return (
    <div aria-live="polite" class="answer" data-predicted={predicted}>
      <p class="reads">
        {look === null || predicted === undefined ? (
          <span class="hint">Draw a digit.</span>
        ) : (
          <>
            The network reads <strong>{predicted}</strong>, with a probability of{' '}
            {(100 * look.probabilities[predicted]).toFixed(1)} %.
          </>
        )}
      </p>
      <table class="plain bars">
        <tbody>
          {(look?.probabilities ?? nothing).map((p, digit) => (
            <tr key={digit}>
              <th scope="row">{digit}</th>
              <td>
                <i style={{ width: `${100 * p}%` }} />
              </td>
              <td>{look === null ? '–' : `${(100 * p).toFixed(1)} %`}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="row">
        <figure>
          <Picture data={grey ?? blank} height={28} width={28} zoom={3} label="what the network sees" />
          <figcaption>what it sees</figcaption>
        </figure>
        <figure>
          <Picture
            data={look?.stages[0].gradient.data ?? blank}
            height={28}
            width={28}
            zoom={3}
            label="gradient of the score"
          />
          <figcaption>d score / d pixels</figcaption>
        </figure>
      </div>
    </div>
  )
}

/** Where the shipped weights come from, and a button that measures them again. */
function About({ shipped: { command, commit, testAccuracy } }: { shipped: Shipped }): JSX.Element {
  const waits = useSignal(false)
  const found = session.measured.value
  const again = (): void => {
    waits.value = true
    session.send({ type: 'measure' })
  }
  return (
    <p class="hint">
      It reads with weights that come with this page: <code>{command}</code>, commit <code>{commit}</code>,
      right on {(100 * testAccuracy).toFixed(2)} % of the test images.{' '}
      {found === null ? (
        <button type="button" disabled={waits.value} onClick={again}>
          Measure it again
        </button>
      ) : (
        <span role="status" data-right={found.right} data-images={found.images}>
          Measured just now: {found.right.toLocaleString('en')} of {found.images.toLocaleString('en')}.
        </span>
      )}
    </p>
  )
}

function Activations({ look }: { look: Look | null }): JSX.Element {
  return (
    <details>
      <summary>All numbers: every activation, and the gradient of the score there</summary>
      {look === null && <p class="hint">Nothing has passed yet.</p>}
      {look?.stages.map((stage, i) => (
        <div key={i} class="row">
          <TensorView title={stage.name} tensor={stage.value} />
          <TensorView title={`gradient at ${stage.name}`} tensor={stage.gradient} />
        </div>
      ))}
    </details>
  )
}
