/** The types that the modules of the page share. Numbers lie in flat Float64Arrays, row after row. */

export type Floats = Float64Array<ArrayBufferLike>;
export type Text = { en: string, zh: string };
export type Task = 'binary' | 'multiclass' | 'regression';
export type Link = 'sigmoid' | 'softmax' | 'identity';
export type Loss = 'binary_cross_entropy' | 'cross_entropy' | 'squared' | 'huber';
export type Box = [left: number, right: number, bottom: number, top: number];

/** Which data, as plain JSON; `rows` only for the user's own points. */
export interface DataSettings {
  /** the name of a toy, of a packaged table, or 'own' */
  name: string;
  n: number;
  noise: number;
  seed: number;
  /** the share of the rows that is kept for testing, 0 to 0.9 */
  test: number;
  own?: Own;
}

/** The user's own data: from clicks, a drawing, a table, or a function. */
export interface Own {
  task: Task;
  x: number[][];
  y: number[];
  feature_names: string[];
  class_names: string[];
  target_name: string;
  /** what the table's columns were divided by and shifted by, where they were standardised */
  x_mean?: number[];
  x_scale?: number[];
  y_mean?: number;
  y_scale?: number;
  origin: string;
}

/** Everything that decides a run, as plain JSON with Python's names; this is what the URL holds. */
export interface Settings {
  data: DataSettings;
  /** of data with two columns: which of FEATURES; otherwise names of columns */
  features: string[];
  hidden: number[];
  /** one name or formula for each hidden layer */
  activations: string[];
  init: string;
  gain: number | 'exact' | null;
  loss: Loss;
  optimizer: 'sgd' | 'adam' | 'adamw' | 'rmsprop';
  learning_rate: number;
  momentum: number;
  weight_decay: number;
  l1: number;
  batch_size: number | null;
  seed: number;
  shuffle_seed: number;
}

/** Points with their targets: the training rows, and the rows for testing. `x` is (n, d). */
export interface Data {
  name: string;
  task: Task;
  d: number;
  n: number;
  x: Floats;
  /** class numbers 0, 1, …, or values */
  y: Floats;
  /** where the training rows stood before the split */
  places: number[];
  test: { n: number, x: Floats, y: Floats, places: number[] };
  feature_names: string[];
  class_names: string[];
  target_name: string;
  origin: string;
  x_mean?: Floats;
  x_scale?: Floats;
  y_mean: number;
  y_scale: number;
}

/** An activation that can be computed: catalogue functions come from Python's emitter, typed ones from formula.js. */
export interface Activation {
  name: string;
  formula: string;
  kinks: number[];
  /** f of z[start … end), into a; and f' into slope, where that is asked for */
  apply(z: Floats, a: Floats, slope: Floats | null, start: number, end: number): void;
}

/** A multilayer perceptron without its weights; widths are (inputs, h1, …, out). */
export interface Network {
  widths: number[];
  activations: Activation[];
  output: Link;
  /** of all weights and biases; layer by layer the weight (in, out) row by row, then the bias */
  parameterCount: number;
  /** where the weight and the bias of each layer start in the flat parameters */
  offsets: { weight: number, bias: number }[];
}

/** What one layer computes for n points: both (n, width). */
export interface Layer { width: number, pre: Floats, post: Floats }

/** Loss and accuracy (r2 for regression) on the training and the test rows; NaN where there are none. */
export interface Measures { loss: number, metric: number, testLoss: number, testMetric: number }

/** One network that is being trained; see trainer.js. */
export interface Trainer {
  readonly network: Network;
  readonly parameters: Floats;
  readonly epoch: number;
  /** batches since the start */
  readonly step: number;
  /** the epoch in which a number left the range of float32, or null */
  readonly divergedAt: number | null;
  /** one batch */
  stepBatch(): void;
  /** whole epochs, to the end of the running one first */
  runEpochs(count: number): void;
  measure(): Measures;
  /** changes that need no new start: learning_rate, momentum, weight_decay, l1, batch_size */
  change(settings: Partial<Settings>): void;
}

/** What is known of one epoch of the run. */
export interface Frame extends Measures {
  epoch: number;
  step: number;
  parameters: Floats;
}

/** The straight line of a space, from (x, y) to (x, y), and the classes it parts. */
export type Segment = [number, number, number, number];

/** Polylines as flat arrays of x, y, x, y, … */
export type Polylines = Floats[];

/** Two orthonormal axes (2, width) through a centre, and the shares of the points' variance along them. */
export interface View { width: number, axes: Floats, center: Floats, shares: [number, number], exact: boolean }

/**
 * What the page knows; every panel gets it. A panel is a function `(lab) => HTMLElement`: it builds its element with
 * `h` of dom.js, listens with `lab.on`, and speaks with `lab.t`. When the language changes, all panels are built anew.
 */
export interface Lab {
  readonly language: 'en' | 'zh';
  readonly settings: Readonly<Settings>;
  readonly data: Data;
  /** the inputs (n, features) of the training rows, computed from the data by the chosen features */
  readonly inputs: Floats;
  readonly network: Network;
  /** what is shown: the last frame of a running training, or the frame that was sought */
  readonly frame: Frame;
  /** the kept frames in order; the last one is where training stands */
  readonly frames: readonly Frame[];
  readonly playing: boolean;
  /** the epoch in which training left the finite numbers, or null */
  readonly divergedAt: number | null;
  /** why training stopped by itself, or null */
  readonly stopped: 'epoch' | 'loss' | null;
  readonly speed: { epochsPerSecond: number, milliseconds: number };
  /** whether the first picture is on the screen and everything is built */
  readonly ready: boolean;
  /** whether the less used fields of the strip are open */
  more?: boolean;
  /** the point under the pointer, by its place in data.x, or null */
  readonly hover: number | null;
  readonly view: ViewSettings;
  readonly options: Options;
  /** the words of a text, with {name} replaced by values */
  t(text: Text, values?: Record<string, string | number>): string;
  /** a number as one writes it: few digits, a true minus sign */
  number(value: number, digits?: number): string;
  setLanguage(language: 'en' | 'zh'): void;
  /** new settings; the run starts anew where it must (data, features, shape, activation, initialiser, loss, seed) */
  change(changes: Partial<Settings>): void;
  /** how it is shown; never touches the run */
  show(changes: Partial<ViewSettings>): void;
  play(): void;
  pause(): void;
  /** one batch, or one epoch */
  step(what?: 'batch' | 'epoch'): void;
  reset(): void;
  seek(epoch: number): void;
  /** the kept frame at this place of `frames` */
  seekFrame(index: number): void;
  /** train on from the frame that is shown: later frames are dropped */
  fork(): void;
  /** bring back the run that was begun anew, cut off or edited */
  undo(): void;
  /** what undo brings back */
  readonly previous: { settings: Settings, frames: Frame[] } | null;
  /** these weights now, as after an edit: everything after the shown frame is dropped */
  setParameters(parameters: Floats): void;
  /** a whole run from elsewhere (a recording): settings and frames */
  open(settings: Settings, frames: Frame[]): void;
  /** move a training point; the data becomes the user's own. For one column `y` is the target, null where none is seen */
  movePoint(index: number, x: number, y: number | null): void;
  setHover(index: number | null): void;
  /** a sentence for the user, also read out; 'fault' is shown until it is closed */
  say(text: string, kind?: 'note' | 'fault'): void;
  on(event: LabEvent, listener: () => void): void;
  /** what the host can do: where the page came from, a link that opens it again, … */
  readonly host: Host;
}

/** 'frame' may come sixty times a second; 'settings' after every change; 'data' when points have changed. */
export type LabEvent = 'frame' | 'settings' | 'data' | 'hover' | 'view' | 'playing';

export interface ViewSettings {
  showTest: boolean;
  discretize: boolean;
  foldLines: boolean;
  grid: boolean;
  theme: 'auto' | 'light' | 'dark';
  /** epochs per picture: 1, 10, 100, or 0 for as many as the machine can */
  speed: number;
  /** stop by itself: at this epoch, or when the loss falls below; null is never */
  stopEpoch: number | null;
  stopLoss: number | null;
  /** the moment of the bend, from 0 (input) to the number of hidden layers; null when that panel is closed */
  bend: number | null;
  /** the layer and unit that is looked at closely, or null */
  unit: { layer: number, unit: number, weight?: number } | null;
}

/** What a teacher or a lesson decides by the URL. */
export interface Options {
  /** parts that are hidden: 'data', 'features', 'strip', 'card', 'race', 'timeline', 'lamp', 'exits', 'bend', … */
  hide: string[];
  lesson: string | null;
}

/** The four hosts: local server, file, notebook, and tests. */
export interface Host {
  kind: 'server' | 'file' | 'notebook';
  /** offers a file to the user */
  save(name: string, content: Blob): void;
  /** writes the state into the URL, where there is one */
  setState(state: string): void;
  /** asks Python to do something, where there is a Python: see server.py; null elsewhere */
  ask: ((what: string, body: unknown) => Promise<unknown>) | null;
  /** the text of the page itself, for an offline copy, or null */
  pageText(): string | null;
}
