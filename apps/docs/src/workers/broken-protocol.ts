/** What the page asks of a program, broken or not. */
export type Order = 'check' | 'train'

/** An order, and for training where the page keeps the images: it fetches them once, for all of its workers. */
export type Request =
  | { readonly order: 'check' }
  | { readonly order: 'train'; readonly images: Readonly<Record<string, string>> }

/** What it tells. */
export type Finding =
  | { type: 'case'; looked: number; cases: number }
  | { type: 'problem'; view: string; at: string; message: string }
  | { type: 'step'; step: number; loss: number; accuracy: number }
  | { type: 'end'; order: Order }
  | { type: 'error'; message: string }
