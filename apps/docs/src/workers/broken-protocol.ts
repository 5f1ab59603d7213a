/** What the page asks of a program, broken or not. */
export type Order = 'check' | 'train'

/** What it tells. */
export type Finding =
  | { type: 'case'; looked: number; cases: number }
  | { type: 'problem'; view: string; at: string; message: string }
  | { type: 'step'; step: number; loss: number; accuracy: number }
  | { type: 'end'; order: Order }
  | { type: 'error'; message: string }
