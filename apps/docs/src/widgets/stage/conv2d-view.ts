import { extentOf, limits, type Mode, type Scene, type Settings } from '../../stages/conv2d.ts'
import { readAddress } from '../address.ts'

/** Where the stage of Conv2d stands: everything that is seen follows from it. */
export interface View {
  readonly settings: Settings
  readonly mode: Mode
  readonly place: readonly [number, number]
  /** Whether the kernel is turned, where that can be seen. */
  readonly turned: boolean
}

export const modes: Readonly<Record<Mode, string>> = {
  forward: 'Forward',
  columns: 'Columns',
  fan: 'Back: who read it?',
  turned: 'Back: turned kernel',
  weight: 'Back: one weight',
}

const defaults = Object.fromEntries(
  Object.entries(limits).map(([name, { value }]) => [name, value]),
) as unknown as Settings

export const start: View = { settings: defaults, mode: 'forward', place: [0, 0], turned: true }

const PREFIX = 'stage.'

function setting(name: keyof Settings, text: string | undefined): number {
  const { min, max, value } = limits[name]
  const number = Number(text ?? value)
  return Number.isInteger(number) ? Math.min(max, Math.max(min, number)) : value
}

/** The view that the address asks for; what does not fit is left out. */
export function viewOfAddress(): View {
  const asked = readAddress(PREFIX)
  const settings = Object.fromEntries(
    (Object.keys(limits) as (keyof Settings)[]).map((name) => [name, setting(name, asked[name])]),
  ) as unknown as Settings
  const mode = Object.hasOwn(modes, asked.mode ?? '') ? (asked.mode as Mode) : start.mode
  const at = /^(\d+)\.(\d+)$/.exec(asked.at ?? '')
  return {
    settings,
    mode,
    place: at === null ? [0, 0] : [Number(at[1]), Number(at[2])],
    turned: asked.turned !== '0',
  }
}

/** What of a view differs from the start, for the address. */
export function addressOfView({
  settings,
  mode,
  place,
  turned,
}: View): [string, Record<string, string | number>] {
  const changed = Object.entries(settings).filter(
    ([name, value]) => value !== limits[name as keyof Settings].value,
  )
  return [
    PREFIX,
    {
      ...(mode === start.mode ? {} : { mode }),
      ...Object.fromEntries(changed),
      ...(place.join() === '0,0' ? {} : { at: place.join('.') }),
      ...(turned ? {} : { turned: 0 }),
    },
  ]
}

/** The nearest place that a mode has. */
export function clampPlace(scene: Scene, mode: Mode, [r, c]: readonly [number, number]): [number, number] {
  const [rows, columns] = extentOf(scene, mode)
  return [Math.max(0, Math.min(rows - 1, r)), Math.max(0, Math.min(columns - 1, c))]
}
